# Mail servers whose TLS is set up by tls.table, beyond the Postfix and the Exim of mail.sh: OpenSMTPD,
# and `openssl s_server` and `gnutls-serv` behind a front that speaks SMTP for them.
# Sourced by inside.sh; needs $dir, $tree, $here and the functions hosts and run_server.
# shellcheck shell=bash disable=SC2154

# tls_settings HOST: the words of the table; nothing where the host is not in it.
tls_settings() {
    awk -F ' +[|] +' -v host="${1%.mailhost.cz}" -v dir="$dir" '$1 == host { gsub(/DIR/, dir, $3); print $3 }' "$here/tls.table"
}

# tls_key HOST
tls_key() {
    awk -F ' +[|] +' -v host="${1%.mailhost.cz}" '$1 == host { key = $2 } END { print (key ? key : "ecdsa") }' "$here/tls.table"
}

# OpenSMTPD has one list of ciphers for all listeners, and the paths of its chroots and of its queue are
# built in: every host is an instance with a view of the disk of its own.
make_opensmtpd() {
    local host v4 root
    while read -r host v4 _; do
        root=$dir/mail/$host
        mkdir -p "$root"/{lib/opensmtpd/empty,run,spool/smtpd/{offline,purge,temporary,incoming,queue,corrupt}}
        chmod 711 "$root/spool/smtpd"
        chmod 700 "$root"/spool/smtpd/{purge,temporary,incoming,queue,corrupt}
        chown opensmtpq "$root"/spool/smtpd/{purge,temporary,incoming,queue,corrupt}
        chmod 770 "$root/spool/smtpd/offline"
        chown root:opensmtpq "$root/spool/smtpd/offline"
        install -m 600 "$dir/certs/$host.key" "$root/key"
        cat >"$root/smtpd.conf" <<END
pki $host cert "$dir/certs/$host.crt"
pki $host key "$root/key"
smtp ciphers "$(tls_settings "$host")"
listen on $v4 port 25 tls pki $host hostname $host
match from any for any reject
END
    done < <(hosts opensmtpd)
}

start_opensmtpd() {
    local host
    while read -r host _; do
        # shellcheck disable=SC2016  # expanded by the inner shell
        run_server "$host" unshare -m bash -euc '
            for place in lib spool run; do mount --bind "$1/$place" "$(readlink -f "/var/$place")"; done
            exec "$2/usr/sbin/smtpd" -d -f "$1/smtpd.conf"' - "$dir/mail/$host" "$tree"
    done < <(hosts opensmtpd)
}

# The front starts these servers itself, as it types the answers of SMTP into them.
start_fronts() {
    local host v4 software pem port=4000
    for software in s_server gnutls-serv; do
        while read -r host v4 _; do
            pem=$dir/certs/$v4.pem
            echo "$host $v4 $((++port)) $software $pem $(tls_settings "$host")"
        done < <(hosts "$software")
    done >"$dir/mail/fronts"
    run_server fronts python3 "$here/starttls.py" "$dir/mail/fronts" "$tree"
}
