# The lab's web server: one nginx that serves the MTA-STS policy of secure-good.cz (RFC 8461 3.3),
# which is mta-sts.txt. Sourced by inside.sh; needs $dir, $here and the functions new_certificate,
# run_server and fail.
# shellcheck shell=bash disable=SC2154

policy_host=mta-sts.secure-good.cz
policy_address=$(awk -v host="$policy_host" '$1 == host && $2 == "A" { print $3 }' "$here/records.zone")

make_web() {
    local web=$dir/web
    mkdir -p "$web"/{temporary,site/.well-known}
    cp "$here/mta-sts.txt" "$web/site/.well-known/"
    new_certificate "$policy_host" good
    cat >"$web/nginx.conf" <<END
user root;
daemon off;
worker_processes 1;
pid $web/nginx.pid;
error_log $dir/log/nginx-error.log;
events { worker_connections 64; }
http {
    access_log $dir/log/nginx-access.log;
    default_type text/plain;
    client_body_temp_path $web/temporary/body;
    proxy_temp_path $web/temporary/proxy;
    fastcgi_temp_path $web/temporary/fastcgi;
    uwsgi_temp_path $web/temporary/uwsgi;
    scgi_temp_path $web/temporary/scgi;
    server {
        listen $policy_address:443 ssl;
        server_name $policy_host;
        ssl_certificate $dir/certs/$policy_host.crt;
        ssl_certificate_key $dir/certs/$policy_host.key;
        root $web/site;
    }
}
END
}

start_web() {
    run_server nginx nginx -c "$dir/web/nginx.conf"
}

wait_web() {
    local try
    for ((try = 0; ; try++)); do
        [[ -z $(ss -Hltn "src $policy_address and sport = :443") ]] || break
        ((try < 60)) || fail "nothing listens on port 443 of $policy_address" nginx-error nginx
        sleep 0.1
    done
}
