# The lab's DNS: a signed root, cz and net, the zones of the tables, three NSD processes
# (so that a resolver really walks from the root to the zone) and two Unbound resolvers.
# Sourced by inside.sh; needs $dir, $tree, $here and the functions step, run_server and fail.
# shellcheck shell=bash disable=SC2154

root_address=198.51.100.1
tld_address=198.51.100.2
zone_addresses=(198.51.100.3 198.51.100.4)
resolver=192.0.2.53
nonvalidating=192.0.2.54

# new_key ZONE ALGORITHM: prints the base name of a fresh key that signs everything in its zone.
new_key() {
    local bits=()
    [[ $2 != RSASHA256 ]] || bits=(-b 2048)
    (cd "$dir/dns/keys" && ldns-keygen -k -a "$2" "${bits[@]}" -r /dev/urandom "$1")
}

# sign_zone ZONE MODE: signs dns/zones/ZONE into dns/signed/ZONE, and writes its DS to dns/ds.ZONE.
# The modes are explained in domains.table.
sign_zone() {
    local zone=$1 mode=$2 key algorithm=ECDSAP256SHA256 options=()
    local from=$((now - 3600)) until=$((now + 30 * 86400))
    case $mode in
        silent | closed | refused) return ;;
        unsigned) cp "$dir/dns/zones/$zone" "$dir/dns/signed/$zone"; return ;;
        rsa) algorithm=RSASHA256 ;;
        nsec3) options=(-n -t 0) ;;   # RFC 9276: no extra iterations, no salt
        expired) from=$((now - 60 * 86400)) until=$((now - 30 * 86400)) ;;
    esac
    key=$(new_key "$zone" "$algorithm")
    ldns-signzone "${options[@]}" -o "$zone" -i "$from" -e "$until" \
        -f "$dir/dns/signed/$zone" "$dir/dns/zones/$zone" "$dir/dns/keys/$key"
    case $mode in
        island) return ;;
        strip-*) sed -i "/\tRRSIG\t${mode#strip-} /d" "$dir/dns/signed/$zone" ;;
        ds-other) key=$(new_key "$zone" "$algorithm") ;;
    esac
    cp "$dir/dns/keys/$key.ds" "$dir/dns/ds.$zone"
    # Algorithm 250 is unassigned; the validator must take such a zone for an unsigned one.
    [[ $mode != ds-unknown ]] || sed -i -E 's/(DS\t[0-9]+) [0-9]+/\1 250/' "$dir/dns/ds.$zone"
}

# parent_zone ZONE ADDRESS [CHILD...]: writes the unsigned zone that delegates to the children.
parent_zone() {
    local zone=$1 address=$2 child name
    shift 2
    name=${zone:+$zone.}
    {
        printf '%s. 3600 SOA ns.%s. hostmaster.%s. 1 3600 600 86400 60\n' \
            "$zone" "${zone:-root}" "${zone:-root}"
        printf '%s. NS ns.%s.\nns.%s. A %s\n' "$zone" "${zone:-root}" "${zone:-root}" "$address"
        for child; do
            printf '%s. NS ns.%s.\n' "$child" "$child"
            cat "$dir/dns/glue.$child"
            [[ ! -e $dir/dns/ds.$child ]] || cat "$dir/dns/ds.$child"
        done
    } >"$dir/dns/zones/${name:-root.}"
}

# sign_parent ZONE-FILE ORIGIN OPTION...
sign_parent() {
    local file=$1 origin=$2 key
    shift 2
    key=$(new_key "$origin" ECDSAP256SHA256)
    ldns-signzone "$@" -o "$origin" -i $((now - 3600)) -e $((now + 30 * 86400)) \
        -f "$dir/dns/signed/$file" "$dir/dns/zones/$file" "$dir/dns/keys/$key"
    cp "$dir/dns/keys/$key.ds" "$dir/dns/ds.${origin%.}"
    grep -P '\tDNSKEY\t' "$dir/dns/keys/$key.key" | sed 's/ *;.*//; s/\tIN/\t3600\tIN/' >"$dir/dns/anchor"
}

make_zones() {
    local zone mode tld half job now jobs=()
    now=$(date +%s)
    mkdir -p "$dir"/dns/{keys,zones,signed,nsd}
    awk -v OFS='\t' -v dir="$dir" -v digests="$dir/certs/digests" -f "$here/zones.awk" \
        "$here/domains.table" "$here/hosts.table" "$here/records.zone"
    # Two at a time: signing is cheap, starting the programs is what takes time.
    for half in 0 1; do
        awk -v half="$half" 'NR % 2 == half' "$dir/dns/modes" | while read -r zone mode; do
            sign_zone "$zone" "$mode"
        done & jobs+=($!)
    done
    for job in "${jobs[@]}"; do wait "$job" || fail "signing the zones failed" setup; done
    local children=()
    for tld in cz net; do
        mapfile -t children < <(cut -f1 "$dir/dns/modes" | grep "\.$tld\$" | sort)
        parent_zone "$tld" "$tld_address" "${children[@]}"
        echo "ns.$tld. A $tld_address" >"$dir/dns/glue.$tld"
    done
    sign_parent cz. cz -n -t 0
    sign_parent net. net
    parent_zone "" "$root_address" cz net
    sign_parent root. .
    cp "$dir/dns/anchor" "$dir/root.key"
    awk '{ printf "trust-anchors { . static-key %s %s %s \"%s\"; };\n", $5, $6, $7, $8 }' \
        "$dir/root.key" >"$dir/bind.keys"
    printf '. 3600000 NS ns.root.\nns.root. 3600000 A %s\n' "$root_address" >"$dir/root.hints"
}

# start_nsd NAME "ADDRESS..." then lines "zone file" on stdin
start_nsd() {
    local name=$1 address zone file
    {
        echo "server:"
        for address in $2; do echo "  ip-address: $address@53"; done
        cat <<END
  server-count: 1
  username: ""
  database: ""
  zonesdir: "$dir/dns/signed"
  zonelistfile: "$dir/dns/nsd/$name.list"
  xfrdfile: ""
  xfrdir: "$dir/dns/nsd"
  pidfile: "$dir/dns/nsd/$name.pid"
  logfile: "$dir/log/nsd-$name.log"
  rrl-ratelimit: 0
  tcp-count: 500
remote-control:
  control-enable: no
END
        while read -r zone file; do
            printf 'zone:\n  name: "%s"\n  zonefile: "%s"\n' "$zone" "$file"
        done
    } >"$dir/dns/nsd-$name.conf"
    run_server "nsd-$name" nsd -d -c "$dir/dns/nsd-$name.conf"
}

# discard-timeout and wait-limit: by default, Unbound leaves a client without an answer that took it
# more than 1.9 s, or that has 1,000 questions open; here every question gets its answer.
# infra-cache-max-rtt: give up on a silent name server after seconds, not minutes.
start_unbound() {
    local name=$1 address=$2 modules=$3
    cat >"$dir/dns/$name.conf" <<END
server:
  interface: $address
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  module-config: "$modules"
  root-hints: "$dir/root.hints"
  num-threads: 2
  so-reuseport: yes
  outgoing-range: 4096
  num-queries-per-thread: 2048
  discard-timeout: 0
  wait-limit: 0
  infra-cache-max-rtt: 2000
  do-ip6: no
  incoming-num-tcp: 256
  outgoing-num-tcp: 64
  edns-buffer-size: 1232
  ede: yes
  serve-expired: no
  val-log-level: 2
  username: ""
  chroot: ""
  directory: "$dir/dns"
  pidfile: ""
  use-syslog: no
  logfile: "$dir/log/$name.log"
remote-control:
  control-enable: no
END
    if [[ $modules == validator* ]]; then
        sed -i "1a\\  trust-anchor-file: \"$dir/root.key\"" "$dir/dns/$name.conf"
    fi
    run_server "$name" unbound -d -c "$dir/dns/$name.conf"
}

start_dns() {
    echo ". root." | start_nsd root "$root_address"
    printf 'cz. cz.\nnet. net.\n' | start_nsd tld "$tld_address"
    awk '$2 !~ /^(silent|closed|refused)$/ { print $1 ".", $1 }' "$dir/dns/modes" |
        start_nsd zones "${zone_addresses[*]}"
    start_unbound unbound "$resolver" "validator iterator"
    start_unbound unbound-nonvalidating "$nonvalidating" "iterator"
}

# Waits until both resolvers answer from a zone, that is, until all five servers do.
wait_dns() {
    local address try
    for address in "$resolver" "$nonvalidating"; do
        for ((try = 0; ; try++)); do
            ! dig +short +time=1 +tries=1 "@$address" mailhost.cz NS 2>/dev/null | grep -q '^ns' || break
            ((try < 60)) || fail "the resolver $address does not answer" nsd-root nsd-tld nsd-zones unbound
            sleep 0.1
        done
    done
}
