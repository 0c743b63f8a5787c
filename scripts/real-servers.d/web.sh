# The lab's web server: one nginx that serves the MTA-STS policy of secure-good.cz (RFC 8461 3.3),
# which is mta-sts.txt, and webmail: that of secure-good.cz by HTTPS alone and with HSTS (RFC 6797), that
# of insecure-good.cz in the clear. Sourced by inside.sh; needs $dir, $here and the functions new_certificate,
# run_server and fail.
# shellcheck shell=bash disable=SC2154

policy_host=mta-sts.secure-good.cz
webmail_host=webmail.secure-good.cz
plain_host=webmail.insecure-good.cz
policy_address=$(awk -v host="$policy_host" '$1 == host && $2 == "A" { print $3 }' "$here/records.zone")

make_web() {
    local web=$dir/web
    mkdir -p "$web"/{temporary,site/.well-known}
    cp "$here/mta-sts.txt" "$web/site/.well-known/"
    new_certificate "$policy_host" good
    new_certificate "$webmail_host" good
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
    server {
        listen $policy_address:80;
        server_name $webmail_host;
        return 301 https://\$host\$request_uri;
    }
    server {
        listen $policy_address:443 ssl;
        server_name $webmail_host;
        ssl_certificate $dir/certs/$webmail_host.crt;
        ssl_certificate_key $dir/certs/$webmail_host.key;
        add_header Strict-Transport-Security "max-age=63072000; includeSubDomains; preload" always;
        return 401;
    }
    server {
        listen $policy_address:80;
        server_name $plain_host;
        return 200 "webmail";
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
