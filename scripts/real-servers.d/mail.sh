# The lab's mail servers: one Postfix with a smtpd service per address of hosts.table, and one Exim
# that picks its certificate by the address it is reached at.
# Sourced by inside.sh; needs $dir, $tree, $here, the functions run_server and fail, and those of tls.sh.
# shellcheck shell=bash disable=SC2154

# hosts [SOFTWARE]: rows "host ipv4 ipv6 class records" of the table.
hosts() {
    awk -v software="${1:-}" '!/^ *(#|$)/ && (software == "" || $7 == software) { print $1, $2, $3, $4, $5 }' \
        "$here/hosts.table"
}

# Postfix runs from the extracted tree; its users exist in the lab's own /etc/passwd.
make_postfix() {
    local host v4 v6 class address file tls setting queue=$dir/mail/postfix
    mkdir -p "$dir/postfix" "$queue"/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,maildrop,pid,private,public,saved,trace} \
        "$dir/mail/postfix-data"
    chown postfix "$queue"/{active,bounce,corrupt,defer,deferred,flush,hold,incoming,private,saved,trace} "$dir/mail/postfix-data"
    chown postfix:postdrop "$queue"/{maildrop,public}
    chmod 710 "$queue/public"; chmod 700 "$queue/private"; chmod 730 "$queue/maildrop"
    cat >"$dir/postfix/main.cf" <<END
compatibility_level = 3.6
queue_directory = $queue
data_directory = $dir/mail/postfix-data
daemon_directory = $tree/usr/lib/postfix/sbin
command_directory = $tree/usr/sbin
shlib_directory = $tree/usr/lib/postfix
meta_directory = $tree/etc/postfix
import_environment = MAIL_CONFIG MAIL_DEBUG MAIL_LOGTAG LD_LIBRARY_PATH TZ LANG=C POSTLOG_SERVICE POSTLOG_HOSTNAME
mail_owner = postfix
setgid_group = postdrop
maillog_file = $dir/log/postfix.log
maillog_file_prefixes = $dir
inet_interfaces = all
inet_protocols = all
myhostname = localhost.localdomain
mydestination =
alias_maps =
local_recipient_maps =
default_process_limit = 200
smtpd_peername_lookup = no
smtpd_client_connection_count_limit = 0
smtpd_client_connection_rate_limit = 0
smtpd_relay_restrictions = reject
smtpd_recipient_restrictions = reject
smtpd_tls_security_level = may
smtpd_tls_loglevel = 1
# For posttls-finger, as a client that looks at what other servers offer
smtp_dns_support_level = dnssec
smtp_host_lookup = dns
END
    {
        while read -r host v4 v6 class _; do
            for address in "$v4" "$v6"; do
                [[ $address != - ]] || continue
                file=$dir/certs/${address//:/_}
                tls="-o smtpd_tls_chain_files=$file.pem"
                [[ ! -e $file.rsa.pem ]] || tls+=,$file.rsa.pem
                [[ $class != no_starttls ]] || tls="-o smtpd_tls_security_level=none"
                for setting in $(tls_settings "$host"); do tls+=" -o $setting"; done
                printf '%s inet n - n - - smtpd\n  -o myhostname=%s\n  %s\n' "[$address]:25" "$host" "$tls"
            done
        done < <(hosts postfix)
        client_services
        echo "tlsmgr unix - - n 1000? 1 tlsmgr"
        echo "anvil unix - - n - 1 anvil"
        echo "rewrite unix - - n - - trivial-rewrite"
        echo "postlog unix-dgram n - n - 1 postlogd"
    } >"$dir/postfix/master.cf"
}

make_exim() {
    local host v4 v6 class address settings interfaces='' names deny='' pem
    mkdir -p "$dir/mail/exim" "$dir/log/exim"
    chown Debian-exim "$dir/mail/exim" "$dir/log/exim"
    while read -r host v4 v6 class _; do
        for address in "$v4" "$v6"; do
            [[ $address != - ]] || continue
            interfaces+="${interfaces:+ ; }$address"
            echo "\"$address\": $host"
            settings=$(tls_settings "$host")
            [[ -z $settings ]] || echo "\"$address\": $settings" >>"$dir/mail/exim.tls"
        done
        [[ $class != rejecting ]] || deny=$v4
    done < <(hosts exim) >"$dir/mail/exim.names"
    names="\${lookup{\$received_ip_address}iplsearch{$dir/mail/exim.names}{\$value}{localhost}}"
    pem="$dir/certs/\${sg{\$received_ip_address}{:}{_}}"
    cat >"$dir/mail/exim.conf" <<END
primary_hostname = localhost.localdomain
exim_user = Debian-exim
exim_group = Debian-exim
spool_directory = $dir/mail/exim
log_file_path = $dir/log/exim/%s.log
keep_environment =
pid_file_path = $dir/mail/exim.pid
local_interfaces = <; $interfaces
daemon_smtp_ports = 25
smtp_banner = $names ESMTP Exim
smtp_active_hostname = $names
smtp_accept_max = 0
smtp_accept_queue = 0
host_lookup =
rfc1413_hosts =
tls_advertise_hosts = \${if exists{$pem.pem}{*}{}}
tls_certificate = <; $pem.pem\${if exists{$pem.rsa.pem}{ ; $pem.rsa.pem}}
tls_privatekey = <; $pem.pem\${if exists{$pem.rsa.pem}{ ; $pem.rsa.pem}}
tls_require_ciphers = \${lookup{\$received_ip_address}iplsearch{$dir/mail/exim.tls}{\$value}{NORMAL}}
acl_smtp_connect = connect
acl_smtp_rcpt = nothing
begin acl
connect:
  deny message = no service here
       condition = \${if eq{\$received_ip_address}{$deny}}
  accept
nothing:
  deny
END
}

start_mail() {
    make_postfix
    make_exim
    make_opensmtpd
    cp "$here/dh1024.pem" "$dir/dh1024.pem"
    MAIL_CONFIG=$dir/postfix run_server postfix "$tree/usr/lib/postfix/sbin/master" -d -c "$dir/postfix"
    run_server exim "$tree/usr/sbin/exim4" -C "$dir/mail/exim.conf" -bdf
    start_opensmtpd
    start_fronts
}

# Waits until every address of the table that has a server listens.
wait_mail() {
    local try missing
    for ((try = 0; ; try++)); do
        missing=$(comm -23 \
            <(hosts | awk '$4 !~ /^(refused|blackhole|private|loopback|none)$/ { print $2; print $3 }' | grep -v '^-$' | sort) \
            <(ss -Hltn 'sport = :25' | awk '{ print $4 }' | sed 's/:25$//; s/[][]//g' | sort))
        [[ -n $missing ]] || break
        ((try < 60)) || fail "nothing listens on port 25 of ${missing//$'\n'/ }" postfix exim/main exim/panic exim fronts
        sleep 0.1
    done
}
