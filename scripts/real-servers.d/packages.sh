# What the lab is made of. Command-line tools are installed; the servers are only unpacked below the
# cache directory, so that none of them is set up or started on this machine, and so that Postfix and
# Exim, which exclude each other as packages, can run side by side.
# Sourced by real-servers; needs the functions step and die. Sets $tree.
# shellcheck shell=bash

# fail2ban and sslscan are no servers: one judges what the mail servers log of us, the other what they
# accept. gnutls-bin has gnutls-serv.
servers=(nsd unbound postfix exim4-daemon-light exim4-base opensmtpd gnutls-bin nginx dovecot-core dovecot-imapd
    dovecot-pop3d fail2ban sslscan)
# What these need beyond the libraries that every Debian 12 has.
libraries=(libcom-err2 libdb5.3 libevent-2.1-7 libexpat1 libexttextcat-2.0-0 libfstrm0 libgnutls-dane0 libgssapi-krb5-2
    libicu72 libidn12 libk5crypto3 libkeyutils1 libkrb5-3 libkrb5support0 liblua5.3-0 libnghttp2-14 libnsl2
    libpcre2-8-0 libprotobuf-c1 libpython3.11 libsasl2-2 libsodium23 libtirpc3 libunbound8)

# Installs the tools that are missing; does nothing, and needs no network, if none is.
install_tools() {
    local missing=() pair
    for pair in ldns-signzone:ldnsutils ldns-keygen:ldnsutils delv:bind9-dnsutils dig:bind9-dnsutils \
        named-checkzone:bind9-utils ldns-verify-zone:ldnsutils \
        ip:iproute2 ss:iproute2 openssl:openssl tcpdump:tcpdump /usr/bin/python3:python3; do
        command -v "${pair%%:*}" >/dev/null || missing+=("${pair#*:}")
    done
    # The number behind the service name smtp, for the clients of Postfix.
    [[ -e /etc/services ]] || missing+=(netbase)
    ((${#missing[@]})) || return 0
    mapfile -t missing < <(printf '%s\n' "${missing[@]}" | sort -u)
    step "installing ${missing[*]}"
    update_lists
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=120 install -qq -y \
        --no-install-recommends "${missing[@]}" >&2 ||
        die "could not install ${missing[*]}; install these packages by hand and try again"
}

update_lists() {
    [[ -z ${updated:-} ]] || return 0
    updated=yes
    apt-get -qq update >&2 || die "apt-get update failed; the first run needs a Debian mirror"
}

# Unpacks the servers into $tree, once for every list of packages.
unpack_servers() {
    local cache key partial package
    cache=${MAILCENSUS_CACHE:-/var/cache/mailcensus}/real-servers
    key=$(printf '%s\n' "${servers[@]}" "${libraries[@]}" | sha256sum | cut -c1-12)
    tree=$cache/$key
    [[ ! -d $tree ]] || return 0
    mkdir -p "$cache" || die "cannot write to $cache; set MAILCENSUS_CACHE to a directory that can be written"
    exec 9>"$cache/lock"
    flock 9
    if [[ ! -d $tree ]]; then
        step "downloading ${servers[*]}"
        update_lists
        partial=$(mktemp -d "$cache/partial.XXXXXX")
        mkdir "$partial/tree" "$partial/packages"
        (cd "$partial/packages" && apt-get -qq -o APT::Sandbox::User=root download "${servers[@]}" "${libraries[@]}" >&2) ||
            die "could not download the servers' packages; this script is written for Debian 12"
        for package in "$partial"/packages/*.deb; do dpkg -x "$package" "$partial/tree"; done
        chmod 755 "$partial/tree"
        mv "$partial/tree" "$tree"
        rm -rf "$partial"
    fi
    exec 9>&-
}
