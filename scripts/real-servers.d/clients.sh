# The lab's servers for mail clients: one Dovecot with an address where nobody logs in before TLS and
# one where everybody may, and at both a Postfix for submission. Sourced by inside.sh; needs $dir,
# $tree, $here and the functions new_certificate, run_server and fail.
# shellcheck shell=bash disable=SC2154

# client_address NAME: an address of records.zone.
client_address() {
    awk -v host="$1" '$1 == host && $2 == "A" { print $3 }' "$here/records.zone"
}

strict_host=imap.secure-good.cz
lax_host=imap.secure-rsa.cz
strict_address=$(client_address "$strict_host")
lax_address=$(client_address "$lax_host")
client_addresses=("$strict_address" "$lax_address")
# Where connections to these addresses come from: Dovecot trusts whoever comes from its own.
client_source=198.51.100.8

# client_names ADDRESS: every name of records.zone that leads there.
client_names() {
    awk -v address="$1" '$2 == "A" && $3 == address { print $1 }' "$here/records.zone"
}

# Certificates with all names of an address, as clients.ADDRESS.pem.
make_client_certificates() {
    local address names
    for address in "${client_addresses[@]}"; do
        names=$(client_names "$address" | sed 's/^/DNS:/' | paste -sd,)
        openssl req -x509 -config "$dir/certs/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
            -keyout "$dir/certs/clients.$address.key" -subj "/CN=$address" -addext "subjectAltName=$names" \
            -CA "$dir/ca.pem" -CAkey "$dir/certs/ca.key" -extensions leaf -days 90 \
            -out "$dir/certs/clients.$address.crt"
        cat "$dir/certs/clients.$address".{key,crt} >"$dir/certs/clients.$address.pem"
    done
}

make_clients() {
    local address of=$dir/clients
    mkdir -p "$of"/{run,state}
    make_client_certificates
    for address in "${client_addresses[@]}"; do
        ip route replace local "$address" dev lo table local src "$client_source"
    done
    cat >"$of/dovecot.conf" <<END
base_dir = $of/run
state_dir = $of/state
log_path = $dir/log/dovecot.log
protocols = imap pop3
listen = $strict_address, $lax_address
default_login_user = dovenull
default_internal_user = dovecot
ssl = required
ssl_cert = <$dir/certs/clients.$strict_address.crt
ssl_key = <$dir/certs/clients.$strict_address.key
disable_plaintext_auth = yes
auth_mechanisms = plain login
mail_location = maildir:/nonexistent
service auth {
  unix_listener auth-postfix {
    mode = 0666
  }
}
passdb {
  driver = static
  args = password=nobody-knows
}
userdb {
  driver = static
  args = uid=60030 gid=60030 home=/nonexistent
}
local $lax_address {
  ssl = yes
  ssl_cert = <$dir/certs/clients.$lax_address.crt
  ssl_key = <$dir/certs/clients.$lax_address.key
  disable_plaintext_auth = no
}
END
    chmod 755 "$of"
}

# Lines of master.cf for submission.
client_services() {
    local address only inside
    for address in "${client_addresses[@]}"; do
        only=yes
        [[ $address == "$strict_address" ]] || only=no
        for inside in 465:yes 587:no; do
            printf '%s inet n - n - - smtpd\n' "[$address]:${inside%:*}"
            printf '  -o %s\n' "myhostname=$(client_names "$address" | head -n 1)" \
                "smtpd_tls_chain_files=$dir/certs/clients.$address.pem" \
                "smtpd_tls_wrappermode=${inside#*:}" smtpd_sasl_auth_enable=yes smtpd_sasl_type=dovecot \
                "smtpd_sasl_path=$dir/clients/run/auth-postfix" "smtpd_tls_auth_only=$only"
        done
    done
}

# Dovecot looks for its parts below /usr, which therefore is that of the tree, for it alone.
start_clients() {
    run_server dovecot unshare -m bash -c 'mount -t overlay overlay -o "lowerdir=$1/usr:/usr" /usr &&
        exec /usr/sbin/dovecot -F -c "$2"' dovecot "$tree" "$dir/clients/dovecot.conf"
}

wait_clients() {
    local try address port missing
    for ((try = 0; ; try++)); do
        missing=
        for address in "${client_addresses[@]}"; do
            for port in 110 143 465 587 993 995; do
                [[ -n $(ss -Hltn "src $address and sport = :$port") ]] || missing+=" $address:$port"
            done
        done
        [[ -n $missing ]] || break
        ((try < 60)) || fail "nothing listens on$missing" dovecot postfix
        sleep 0.1
    done
}
