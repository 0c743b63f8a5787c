# The lab's certificates: a private CA, and one certificate per mail host of hosts.table, good or bad.
# Sourced by inside.sh; needs $dir and the function hosts of mail.sh.
# shellcheck shell=bash disable=SC2154

new_ca() {
    cat >"$dir/certs/openssl.cnf" <<END
[req]
distinguished_name = name
[name]
[root]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[leaf]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
[ca]
default_ca = lab
[lab]
database = $dir/certs/index
new_certs_dir = $dir/certs
certificate = $dir/ca.pem
private_key = $dir/certs/ca.key
rand_serial = yes
default_md = sha256
policy = any
copy_extensions = copy
x509_extensions = leaf
[any]
commonName = supplied
END
    : >"$dir/certs/index"
    openssl req -x509 -config "$dir/certs/openssl.cnf" -extensions root -newkey ec \
        -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 -subj "/CN=Lab CA" \
        -keyout "$dir/certs/ca.key" -out "$dir/ca.pem"
}

# new_certificate HOST CLASS
new_certificate() {
    local host=$1 class=$2 name=$1 signer=(-CA "$dir/ca.pem" -CAkey "$dir/certs/ca.key")
    local base=(-config "$dir/certs/openssl.cnf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes
        -keyout "$dir/certs/$host.key")
    [[ $class != wrong_name ]] || name=another-name.example
    [[ $class != self_signed ]] || signer=()
    base+=(-subj "/CN=$name" -addext "subjectAltName=DNS:$name")
    if [[ $class == expired ]]; then
        # Only `openssl ca` takes dates of the past.
        openssl req "${base[@]}" -new -out "$dir/certs/$host.csr"
        flock "$dir/certs/index" openssl ca -batch -notext -config "$dir/certs/openssl.cnf" -in "$dir/certs/$host.csr" \
            -startdate 20200101000000Z -enddate 20210101000000Z -out "$dir/certs/$host.crt"
    else
        openssl req -x509 "${base[@]}" "${signer[@]}" -extensions leaf -days 90 -out "$dir/certs/$host.crt"
    fi
}

# digest SELECTOR FILE: SHA-256 over the certificate (0) or its public key (1), in hexadecimal.
digest() {
    if [[ $1 == 0 ]]; then
        openssl x509 -in "$2" -outform DER
    else
        openssl x509 -in "$2" -noout -pubkey | openssl pkey -pubin -outform DER
    fi | sha256sum | cut -d' ' -f1
}

# Writes certs/ADDRESS.pem, with _ for : in the address (key, certificate and, where a TLSA record names it, the CA) for the
# servers, and the digests that the TLSA records need.
make_certificates() {
    local half job jobs=()
    mkdir -p "$dir/certs"
    new_ca
    {
        # An `other` certificate is one that no server has.
        echo "- other 1-1 $(echo "another key" | sha256sum | cut -d' ' -f1)"
        echo "- other 0-1 $(echo "another certificate" | sha256sum | cut -d' ' -f1)"
        echo "- ca 0-1 $(digest 0 "$dir/ca.pem")"
    } >"$dir/certs/digests"
    # Two at a time, as with the zones.
    for half in 0 1; do
        hosts | awk -v half="$half" 'NR % 2 == half' | certificates_for & jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || fail "making the certificates failed" setup; done
    # The servers read the keys as users of their own.
    chmod -R a+rX "$dir/certs"
}

# certificates_for: for the rows of hosts.table on stdin
certificates_for() {
    local host v4 v6 class records address selector
    while read -r host v4 v6 class records; do
        case $class in good | self_signed | expired | wrong_name) ;; *) continue ;; esac
        new_certificate "$host" "$class"
        for selector in 0 1; do
            [[ $records != *"-$selector-1:own"* ]] ||
                echo "$host own $selector-1 $(digest "$selector" "$dir/certs/$host.crt")"
        done >>"$dir/certs/digests"
        for address in "$v4" "$v6"; do
            [[ $address != - ]] || continue
            cat "$dir/certs/$host".{key,crt} >"$dir/certs/${address//:/_}.pem"
            [[ $records != *:ca* ]] || cat "$dir/ca.pem" >>"$dir/certs/${address//:/_}.pem"
        done
    done
}
