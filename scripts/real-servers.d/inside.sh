# The lab itself, as the first process of its own network, mount and process namespaces: when it
# ends, the kernel ends every server with it. Started by real-servers with the lab's directory, the
# tree of unpacked servers, and the command to run (none: wait for the end of standard input).
# shellcheck shell=bash

set -euo pipefail

dir=$1
tree=$2
shift 2
here=${BASH_SOURCE[0]%/*}

step() { echo "real-servers: $*" >&2; }

# fail MESSAGE [LOG...]: shows the end of each log.
fail() {
    local server log
    step "$1"
    shift
    for server; do
        for log in "$dir/log/$server.log" "$dir/log/$server.stderr"; do
            [[ -s $log ]] || continue
            step "the end of ${log##*/}:"
            tail -n 8 "$log" >&2
        done
    done
    exit 1
}
trap 'fail "line $LINENO of ${BASH_SOURCE[0]##*/} failed" setup' ERR
set -E

# run_server NAME COMMAND...: in the background, with the libraries of the tree.
run_server() {
    local name=$1
    shift
    LD_LIBRARY_PATH=$libraries PATH=$tree/usr/sbin:$PATH "$@" </dev/null >"$dir/log/$name.stderr" 2>&1 &
}

libraries=$tree/usr/lib/postfix:$tree/usr/lib/$(uname -m)-linux-gnu:$tree/lib/$(uname -m)-linux-gnu

# shellcheck source=scripts/real-servers.d/dns.sh
. "$here/dns.sh"
# shellcheck source=scripts/real-servers.d/mail.sh
. "$here/mail.sh"
# shellcheck source=scripts/real-servers.d/tls.sh
. "$here/tls.sh"
# shellcheck source=scripts/real-servers.d/certificates.sh
. "$here/certificates.sh"
# shellcheck source=scripts/real-servers.d/web.sh
. "$here/web.sh"
# shellcheck source=scripts/real-servers.d/clients.sh
. "$here/clients.sh"

# Only `lo`, with every address of the tables (RFC 5737 and RFC 3849: for documentation), and two
# routes that lose packets: what is sent out through lo to an address nobody has comes back in, is
# for nobody, and is dropped without a word.
make_network() {
    local address
    ip link set lo up
    {
        for address in "$root_address" "$tld_address" "${zone_addresses[@]}" "$resolver" "$nonvalidating" 198.51.100.8 \
            "$policy_address" "${client_addresses[@]}" \
            $(hosts | awk '$4 !~ /^(blackhole|private|loopback)$/ && $2 != "-" { print $2 }'); do
            echo "address add $address/32 dev lo"
        done
        for address in $(hosts | awk '$3 != "-" { print $3 }'); do
            echo "address add $address/128 dev lo nodad"
        done
        for address in 198.51.100.9 $(hosts | awk '$4 == "blackhole" { print $2 }'); do
            echo "route add $address/32 dev lo"
        done
    } | ip -batch -
}

# Files of /etc that differ inside: the resolver, and the users of the mail servers.
make_etc() {
    local file
    mkdir -p "$dir/etc"
    printf 'nameserver %s\noptions edns0 trust-ad\n' "$resolver" >"$dir/etc/resolv.conf"
    printf '127.0.0.1 localhost\n::1 localhost\n' >"$dir/etc/hosts"
    {
        cat /etc/passwd
        printf '%s::/:/bin/false\n' postfix:x:60026:60026 Debian-exim:x:60025:60025 opensmtpd:x:60028:60028 opensmtpq:x:60029:60029 \
            dovecot:x:60030:60030 dovenull:x:60031:60031
    } >"$dir/etc/passwd"
    {
        cat /etc/group
        printf '%s:\n' postfix:x:60026 postdrop:x:60027 Debian-exim:x:60025 opensmtpd:x:60028 opensmtpq:x:60029 dovecot:x:60030 dovenull:x:60031
    } >"$dir/etc/group"
    for file in resolv.conf hosts passwd group; do
        mount --bind "$dir/etc/$file" "$(readlink -f "/etc/$file")"
    done
}

# Programs that ask the way a mail server or a validator of its own would, to compare with.
make_programs() {
    mkdir -p "$dir/bin"
    cat >"$dir/bin/posttls-finger" <<END
#!/bin/sh
# Postfix's TLS prober, with the lab's resolver and CA. Works inside the lab's namespaces.
MAIL_CONFIG=$dir/postfix LD_LIBRARY_PATH=$libraries exec $tree/usr/sbin/posttls-finger -F $dir/ca.pem "\$@"
END
    cat >"$dir/bin/postmap" <<END
#!/bin/sh
# Looks up keys of Postfix tables, and makes them.
MAIL_CONFIG=$dir/postfix LD_LIBRARY_PATH=$libraries exec $tree/usr/sbin/postmap "\$@"
END
    cat >"$dir/bin/sslscan" <<END
#!/bin/sh
# Tells what a server accepts, hello by hello. Works inside the lab's namespaces.
exec $tree/usr/bin/sslscan "\$@"
END
    cat >"$dir/bin/delv" <<END
#!/bin/sh
# BIND's validating dig, with the lab's root key. Works inside the lab's namespaces.
exec $(command -v delv) -a $dir/bind.keys +root=. +cdflag @$resolver "\$@"
END
    cat >"$dir/bin/fail2ban-regex" <<END
#!/bin/sh
# Finds the lines of a log that fail2ban would count, by the filters of the package.
PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$tree/usr/lib/python3/dist-packages \\
    exec /usr/bin/python3 $tree/usr/bin/fail2ban-regex -c $tree/etc/fail2ban --usedns=no "\$@"
END
    chmod +x "$dir"/bin/*
    cat >"$dir/lab.env" <<END
RESOLVER=$resolver
NONVALIDATING=$nonvalidating
SECURE=secure-good.cz
BOGUS=bogus-expired.cz
UNSIGNED=insecure-good.cz
LAB_CIDRS="192.0.2.0/24 198.51.100.0/24 203.0.113.0/24 2001:db8::/32"
CA=$dir/ca.pem
DIR=$dir
END
}

ulimit -n "$(ulimit -Hn)"
step "network"
make_network
make_etc
step "certificates"
make_certificates >"$dir/log/setup.log" 2>&1
make_clients >>"$dir/log/setup.log" 2>&1
step "mail servers"
start_clients
start_mail
step "web server"
make_web >>"$dir/log/setup.log" 2>&1
start_web
step "zones"
make_zones >>"$dir/log/setup.log" 2>&1
step "name servers"
start_dns
make_programs
wait_dns
wait_mail
wait_clients
wait_web

export LAB_DIR=$dir PATH=$dir/bin:$PATH
trap - ERR
if (($#)); then
    step "running $1"
    # The shell above ignores Ctrl-C on behalf of this background job; the command shall not.
    status=0
    env --default-signal=INT,QUIT "$@" || status=$?
    exit "$status"
fi
step "ready; ends at the end of standard input"
echo "ready pid=$(cat "$dir/pid") dir=$dir"
cat >/dev/null
