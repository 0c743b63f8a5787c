# Reads hosts.table, domains.table and records.zone, and writes to `dir`:
#   dns/zones/ZONE (unsigned), dns/modes (zone and how to sign it),
#   domains.txt, truth.tsv and hosts.tsv.
# Needs -v dir=... and -v digests=..., a file of "HOST own|rsa|other|ca|key SELECTOR-MATCHING HEX"
# lines.

BEGIN {
    # Where the zones are that no server of ours answers for.
    server["silent"] = "198.51.100.9"
    server["closed"] = "198.51.100.8"
    server["refused"] = "198.51.100.4"
    while ((getline line < digests) > 0) {
        split(line, part, " ")
        digest[part[1], part[2], part[3]] = part[4]
    }
    print "# Every domain of the lab. truth.tsv says what each must be found to be." > (dir "/domains.txt")
    print "domain\tmx_kind\tdnssec\tmx\tnote" > (dir "/truth.tsv")
    print "host\taddresses\tclass\ttlsa\tsoftware" > (dir "/hosts.tsv")
    # The MX of mx-literal.cz: a name below a top-level domain `99` that does not exist.
    print "192.0.2.99\t-\tnone\tnone\t-" > (dir "/hosts.tsv")
}

/^[ \t]*([#;]|$)/ { next }
FILENAME ~ /domains\.table$/ { read_domain(); next }
FILENAME ~ /hosts\.table$/   { read_host(); next }
FILENAME ~ /records\.zone$/  { read_record(); next }

END {
    # RFC 1035 section 4.2.2: about 3,000 bytes of answer do not fit into a datagram.
    for (i = 1; i <= 24; i++)
        add("txt-large.cz", sprintf("TXT \"token-%02d=%0100d\"", i, i))
    add("txt-large.cz", "TXT \"v=spf1 mx -all\"")
    for (zone in mode) {
        if (mail[zone] && !has_txt[zone]) add(zone, "TXT \"v=spf1 mx -all\"")
        print zone, mode[zone] > (dir "/dns/modes")
    }
}

# The zone that encloses `name`: the longest one, as no zone is below another but its TLD.
function zone_of(name) {
    while (name != "") {
        if (name in mode) return name
        if (!sub(/^[^.]*\./, "", name)) break
    }
    print "no zone for a record" > "/dev/stderr"
    exit 1
}

function add(owner, record,    zone) {
    zone = zone_of(owner)
    if (mode[zone] in server) return
    if (record ~ /^TXT/ && owner == zone) has_txt[zone] = 1
    print owner ". " record > (dir "/dns/zones/" zone)
}

function start_zone(zone, how,    address) {
    mode[zone] = how
    address = (how in server) ? server[how] : "198.51.100.3"
    print "ns." zone ". A " address > (dir "/dns/glue." zone)
    if (how in server) return
    print "$TTL 300\n$ORIGIN " zone ".\n@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A " address \
        > (dir "/dns/zones/" zone)
}

function full(host) {
    return (host ~ /\.$/) ? substr(host, 1, length(host) - 1) : host ".mailhost.cz"
}

function read_domain(    n, i, pair, mx, hosts, note) {
    if ($2 != "name" && $2 != "derived") start_zone($1, $2)
    n = ($5 == "-") ? 0 : split($5, mx, ",")
    for (i = 1; i <= n; i++) {
        split(mx[i], pair, ":")
        if ($2 != "derived") add($1, "MX " pair[1] " " ((pair[2] == ".") ? "." : full(pair[2]) "."))
        if (pair[2] != ".") hosts = hosts (hosts ? "," : "") full(pair[2])
    }
    if ($3 == "-") return
    mail[$1] = (n > 0 && $2 != "name" && $2 != "derived")
    if ($3 == "implicit") hosts = $1
    if ($3 == "unknown") hosts = ""
    note = $0
    for (i = 1; i <= 5; i++) sub(/^[^ ]+ +/, "", note)
    print $1, $3, $4, (hosts ? hosts : "-"), note > (dir "/truth.tsv")
    print (($1 == "xn--hky-ela4t.cz") ? "háčky.cz" : $1) > (dir "/domains.txt")
}

function read_host(    n, i, record, part, owner, addresses) {
    if ($2 != "-") { add($1, "A " $2); addresses = $2 }
    if ($3 != "-") { add($1, "AAAA " $3); addresses = addresses (addresses ? "," : "") $3 }
    owner = "_25._tcp." $1
    if (sub(/^@/, "", $5)) {
        add(owner, "CNAME _tlsa." $1 ".")
        owner = "_tlsa." $1
    }
    n = ($5 == "-") ? 0 : split($5, record, ",")
    for (i = 1; i <= n; i++) {
        split(record[i], part, /[-:]/)
        add(owner, "TLSA " part[1] " " part[2] " " part[3] " " \
            digest[(part[4] == "own" || part[4] == "rsa") ? $1 : "-", part[4], part[2] "-" part[3]])
    }
    print $1, (addresses ? addresses : "-"), $4, $6, $7 > (dir "/hosts.tsv")
    # Its certificate has the target's name only, which usage 3 does not mind.
    if ($1 == "mx-cname-target.mailhost.cz")
        print "mx-cname.mailhost.cz", addresses, "wrong_name", $6, $7 > (dir "/hosts.tsv")
}

function read_record(    owner, record) {
    owner = $1
    record = $0
    sub(/^[^ ]+ +/, "", record)
    add(owner, record)
}
