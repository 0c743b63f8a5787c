"""Says how many DNS queries a survey sent, and how fast its stage dns was."""

import sys

import duckdb


def one(table, expression):
    return duckdb.sql(f"SELECT {expression} FROM '{sys.argv[1]}/{table}/*.parquet'").fetchall()[0][0]


asked = one("domains", "sum(queries)") + one("hosts", "coalesce(sum(queries), 0)")
seconds = one("domains", "epoch(max(observed_at)) - epoch(min(observed_at))")
of_dns = one("domains", "sum(queries)")
print(f"{asked:.0f} DNS queries; stage dns: {one('domains', 'count(*)') / seconds:.0f} domains/s, "
      f"{of_dns / seconds:.0f} queries/s")
