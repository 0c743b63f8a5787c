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
[leaf_rsa]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
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

# new_certificate HOST CLASS [KEY [FILE]]: into certs/FILE.key and certs/FILE.crt
new_certificate() {
    local host=${4:-$1} class=$2 name=$1 extensions=leaf signer=(-CA "$dir/ca.pem" -CAkey "$dir/certs/ca.key")
    local base=(-config "$dir/certs/openssl.cnf" -nodes -keyout "$dir/certs/$host.key")
    case ${3:-ecdsa} in
        rsa) base+=(-newkey rsa:2048) extensions=leaf_rsa ;;
        ed25519) base+=(-newkey ed25519) ;;
        *) base+=(-newkey ec -pkeyopt ec_paramgen_curve:P-256) ;;
    esac
    [[ $class != wrong_name ]] || name=another-name.example
    [[ $class != self_signed ]] || signer=()
    base+=(-subj "/CN=$name" -addext "subjectAltName=DNS:$name")
    if [[ $class == expired ]]; then
        # Only `openssl ca` takes dates of the past.
        openssl req "${base[@]}" -new -out "$dir/certs/$host.csr"
        flock "$dir/certs/index" openssl ca -batch -notext -config "$dir/certs/openssl.cnf" -in "$dir/certs/$host.csr" \
            -startdate 20200101000000Z -enddate 20210101000000Z -out "$dir/certs/$host.crt"
    else
        openssl req -x509 "${base[@]}" "${signer[@]}" -extensions "$extensions" -days 90 -out "$dir/certs/$host.crt"
    fi
}

# selected SELECTOR FILE: the certificate (0) or its public key (1), in DER.
selected() {
    if [[ $1 == 0 ]]; then
        openssl x509 -in "$2" -outform DER
    else
        openssl x509 -in "$2" -noout -pubkey | openssl pkey -pubin -outform DER
    fi
}

# digest SELECTOR FILE: SHA-256 over it, in hexadecimal.
digest() {
    selected "$@" | sha256sum | cut -d' ' -f1
}

# Writes certs/ADDRESS.pem, with _ for : in the address (key, certificate and, where a TLSA record names it, the CA) for the
# servers, and the digests that the TLSA records need. A second certificate is in ADDRESS.rsa.pem.
make_certificates() {
    local half job jobs=()
    mkdir -p "$dir/certs"
    new_ca
    {
        # An `other` certificate is one that no server has.
        echo "- other 1-1 $(echo "another key" | sha256sum | cut -d' ' -f1)"
        echo "- other 0-1 $(echo "another certificate" | sha256sum | cut -d' ' -f1)"
        echo "- ca 0-1 $(digest 0 "$dir/ca.pem")"
        echo "- key 1-0 $(selected 1 "$dir/ca.pem" | od -An -v -tx1 | tr -d ' \n')"
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
    local host v4 v6 class records address key
    while read -r host v4 v6 class records; do
        case $class in good | self_signed | expired | wrong_name | anonymous | broken | unseen) ;; *) continue ;; esac
        key=$(tls_key "$host")
        new_certificate "$host" "$class" "$key"
        [[ $key != dual ]] || new_certificate "$host" "$class" rsa "$host.rsa"
        digests_of "$host" "$records" >>"$dir/certs/digests"
        for address in "$v4" "$v6"; do
            [[ $address != - ]] || continue
            cat "$dir/certs/$host".{key,crt} >"$dir/certs/${address//:/_}.pem"
            [[ $records != *:ca* ]] || cat "$dir/ca.pem" >>"$dir/certs/${address//:/_}.pem"
            [[ $key != dual ]] || cat "$dir/certs/$host".rsa.{key,crt} >"$dir/certs/${address//:/_}.rsa.pem"
        done
    done
}

# digests_of HOST RECORDS
digests_of() {
    local selector
    for selector in 0 1; do
        [[ $2 != *"-$selector-1:own"* ]] || echo "$1 own $selector-1 $(digest "$selector" "$dir/certs/$1.crt")"
        [[ $2 != *"-$selector-1:rsa"* ]] || echo "$1 rsa $selector-1 $(digest "$selector" "$dir/certs/$1.rsa.crt")"
    done
}
