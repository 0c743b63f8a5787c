#!/bin/sh
# Makes the certificates in this folder that rcgen cannot make. OpenSSL 3.0.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

request() { # name bits
    openssl req -new -newkey "rsa:$2" -nodes -keyout "$work/$1.key" -out "$work/$1.csr" -subj "/CN=$1"
}
root() { # name bits digest
    request "$1" "$2"
    printf 'basicConstraints=critical,CA:true\n' >"$work/ca.ext"
    openssl x509 -req -in "$work/$1.csr" -signkey "$work/$1.key" "-$3" -days 36500 \
        -extfile "$work/ca.ext" -outform DER -out "$1.der"
    openssl x509 -inform DER -in "$1.der" -out "$work/$1.pem"
}
leaf() { # file issuer digest
    request "$1" 2048
    printf 'subjectAltName=DNS:mx.example.org\n' >"$work/leaf.ext"
    openssl x509 -req -in "$work/$1.csr" -CA "$work/$2.pem" -CAkey "$work/$2.key" -set_serial 2 \
        "-$3" -days 36500 -extfile "$work/leaf.ext" -outform DER -out "$1.der"
}

root root-1024 1024 sha256
leaf leaf-under-1024 root-1024 sha256
root root-1024-sha384 1024 sha384
leaf leaf-under-1024-sha384 root-1024-sha384 sha384
root root-512 512 sha256
leaf leaf-under-512 root-512 sha256
root root-2048 2048 sha256
leaf leaf-sha1 root-2048 sha1
# Version 1, as `openssl x509 -req` makes it without extensions.
request self-signed-v1 1024
openssl x509 -req -in "$work/self-signed-v1.csr" -signkey "$work/self-signed-v1.key" -sha256 \
    -days 36500 -outform DER -out self-signed-v1.der
openssl req -x509 -newkey rsa:1024 -nodes -md5 -keyout "$work/md5.key" -subj /CN=self-signed-md5 \
    -days 36500 -addext basicConstraints=CA:false -outform DER -out self-signed-md5.der
openssl req -x509 -newkey rsa:2048 -nodes -sha256 -keyout "$work/pss.key" -subj /CN=self-signed-pss \
    -sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:32 -days 36500 -outform DER \
    -out self-signed-pss.der
openssl req -x509 -newkey ed448 -nodes -keyout "$work/ed448.key" -subj /CN=self-signed-ed448 \
    -days 36500 -outform DER -out self-signed-ed448.der
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:brainpoolP384r1 -nodes \
    -keyout "$work/bp.key" -subj /CN=self-signed-brainpool -days 36500 -outform DER \
    -out self-signed-brainpool.der
