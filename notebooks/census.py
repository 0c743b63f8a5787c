"""What the notebooks share: surveys as tables of DuckDB, shares beside what is unknown, charts that are
seen without JavaScript, and text of strangers that cannot act.

    con = census.connect()
    census.show(census.sql(con, "SELECT class, count(*) AS domains FROM verdicts GROUP BY class"))
"""

import html
import io
import json
import os
import tomllib
import unicodedata
from pathlib import Path

import altair as alt
import duckdb
import pandas as pd
import vl_convert
from PIL import Image

ROOT = Path(__file__).resolve().parent.parent
PROFILE = os.environ.get("MAILCENSUS_PROFILE", "nukib-2021")

# Okabe and Ito: told apart by people who see few colours, and in print without any.
PASS, FAIL, UNKNOWN, NOT_APPLICABLE = "#0072B2", "#D55E00", "#9A9A9A", "#E3E3E3"
SECOND, THIRD = "#56B4E9", "#E69F00"
RESULTS = ["pass", "fail", "unknown", "not applicable"]

# Reasons of checks that nothing measures: where nobody passes for them, those that fail are no share.
UNMEASURED = "('depth', 'no_list', 'no_routing_data', 'not_measured', 'not_observable', 'store_missing')"

# The checks of the overview, in the order of a delivery, as people call them.
CHECKS = {
    "starttls": "STARTTLS on every mail server",
    "tls_1_2": "TLS 1.2 or newer",
    "tls_1_3": "TLS 1.3",
    "no_tls_1_0_1_1": "no TLS 1.0 or 1.1",
    "no_weak_ciphers": "no weak cipher suite",
    "pq_key_exchange": "post-quantum key exchange",
    "cert_trusted": "certificate of a known authority",
    "cert_name": "certificate names the host",
    "dnssec_domain": "DNSSEC of the domain (MX)",
    "dnssec_mail_hosts": "DNSSEC of the mail hosts",
    "dane_published": "DANE published (TLSA)",
    "dane_valid": "DANE matches, where published",
    "mta_sts": "MTA-STS",
    "mta_sts_enforced": "MTA-STS enforced, where there is a policy",
    "downgrade_protected": "DANE or MTA-STS protects from downgrade",
    "tls_rpt": "TLS reports wanted (TLS-RPT)",
    "spf": "SPF that can be used",
    "dkim": "DKIM keys",
    "dmarc": "DMARC that can be used",
    "dmarc_enforced": "DMARC quarantine or reject, where there is DMARC",
}


# ---- surveys

def directory(variable, usual):
    """The survey that a variable of the environment names, else the usual folder of the repository."""
    return Path(os.environ.get(variable) or ROOT / usual)


def manifest(variable="MAILCENSUS_SURVEY", usual="survey"):
    """What survey.json says of a survey."""
    return json.loads((directory(variable, usual) / "survey.json").read_text())


def profile():
    """The rule book that judged the survey, as its file says."""
    return tomllib.loads((directory("MAILCENSUS_SURVEY", "survey") / f"profiles/{PROFILE}.toml").read_text())


def report():
    """What `mailcensus report --json` said of the same survey, where MAILCENSUS_REPORT names the file."""
    named = os.environ.get("MAILCENSUS_REPORT")
    return json.loads(Path(named).read_text()) if named else None


def connect():
    """DuckDB with the tables of the survey as views, those of an older one in the schema `older`, and

    - `checks`: a row for each domain and check;
    - `points`: a row for each domain and point of the rule book, where the survey was judged by one.
    """
    con = duckdb.connect()
    con.execute("SET TimeZone = 'UTC'")
    newer, older = directory("MAILCENSUS_SURVEY", "survey"), directory("MAILCENSUS_OLDER", "older")
    if not (newer / "survey.json").exists():
        raise FileNotFoundError("no survey: set MAILCENSUS_SURVEY to the directory of one")
    _tables(con, "main", newer)
    if (older / "survey.json").exists():
        con.execute("CREATE SCHEMA older")
        _tables(con, "older", older)
    return con


def _tables(con, schema, folder):
    files = {path.name: path for path in folder.iterdir()}
    files["compliance"] = folder / "compliance" / PROFILE
    for name, path in files.items():
        if path.is_dir() and any(path.glob("*.parquet")):
            con.execute(f"CREATE VIEW {schema}.{name} AS FROM {quoted(str(path / '*.parquet'))}")
    described = con.execute(f"DESCRIBE {schema}.verdicts").fetchall()
    names = ", ".join(column[0] for column in described if column[1].startswith("STRUCT") and "reason" in column[1])
    con.execute(f"""CREATE TABLE {schema}.checks AS
        SELECT domain, check_id, finding.result AS result, finding.reason AS reason,
            split_part(finding.reason, ':', 1) AS word, receiving, mail_operator, weight
        FROM (UNPIVOT (SELECT domain, mail_operator, weight, receives_mail.result = 'pass' AS receiving, {names}
            FROM {schema}.verdicts) ON {names} INTO NAME check_id VALUE finding)""")
    _measured(con, f"{schema}.checks", "check_id")
    if (folder / "compliance" / PROFILE).is_dir():
        con.execute(f"""CREATE TABLE {schema}.points AS
            SELECT point.domain AS domain, point, level, due, result, reason,
                split_part(split_part(reason, ': ', -1), ':', 1) AS word, justified,
                receives_mail.result = 'pass' AS receiving, point.tags AS tags, point.weight AS weight
            FROM {schema}.compliance point JOIN {schema}.verdicts USING (domain)""")
        _measured(con, f"{schema}.points", "point")


def _measured(con, table, key):
    """Marks what nothing measures: such a thing has no share."""
    con.execute(f"ALTER TABLE {table} ADD COLUMN measured BOOLEAN DEFAULT true")
    con.execute(f"""UPDATE {table} SET measured = false WHERE {key} IN (SELECT {key} FROM {table} GROUP BY {key}
        HAVING NOT bool_or(result = 'pass') AND bool_or(result = 'unknown' AND word IN {UNMEASURED}))""")


def quoted(text):
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"


def _harmless(value):
    """A value as it came, with whatever text is in it made neutral."""
    if isinstance(value, str):
        return neutral(value)
    if type(value).__name__ in ("list", "tuple", "ndarray"):
        return [_harmless(part) for part in value]
    if isinstance(value, dict):
        return {_harmless(key): _harmless(part) for key, part in value.items()}
    return value


def sql(con, statement, *parameters):
    """The answer to a statement as a frame; what strangers wrote in it cannot act any more."""
    found = con.execute(statement, list(parameters)).df()
    for name in found.columns:
        if not pd.api.types.is_numeric_dtype(found[name]) and not pd.api.types.is_bool_dtype(found[name]):
            found[name] = [_harmless(value) for value in found[name]]
    return found


def shares(con, rows, by, schema="main"):
    """Adds up rows with `result`, `weight` and `measured` (such as those of `checks` and `points`), a row for
    each group of the columns `by`:

    - `pass`, `fail`, `unknown`, `not applicable`: domains, each counted once;
    - `share`: pass / (pass + fail), by weight; none where nothing measures who passes;
    - `low`, `high`: the share if every unknown failed, or passed;
    - `margin`: half of the 95 % interval of a sample, as docs/report.md defines it; 0 for a whole list.
    """
    return sql(con, f"""
        WITH rows AS ({rows}), sizes AS (SELECT weight, count(*)::DOUBLE AS n FROM {schema}.verdicts GROUP BY weight),
        strata AS (
            SELECT {by}, weight, any_value(n) AS n, bool_and(measured) AS measured, count(*) AS domains,
                count(*) FILTER (result = 'pass') AS pass, count(*) FILTER (result = 'fail') AS fail,
                count(*) FILTER (result = 'unknown') AS unknown,
                count(*) FILTER (result = 'not_applicable') AS not_applicable
            FROM rows JOIN sizes USING (weight) GROUP BY ALL
        ), ratios AS (
            SELECT *, sum(weight * (pass + fail)) OVER groups AS size,
                sum(weight * pass) OVER groups / nullif(sum(weight * (pass + fail)) OVER groups, 0) AS ratio
            FROM strata WINDOW groups AS (PARTITION BY {by})
        ), spreads AS (
            SELECT *, pass * (1 - ratio) - fail * ratio AS total,
                pass * (1 - ratio) * (1 - ratio) + fail * ratio * ratio AS squares FROM ratios
        ), variances AS (
            SELECT *, CASE WHEN weight <= 1 OR size = 0 THEN 0 ELSE (weight * n) * (weight * n) * (1 - 1 / weight) / n
                * CASE WHEN n < 2 THEN 0.25 * (pass + fail) ELSE (squares - total * total / n) / (n - 1) END
                END AS variance FROM spreads
        )
        SELECT {by}, sum(domains)::BIGINT AS domains, sum(pass)::BIGINT AS pass, sum(fail)::BIGINT AS fail,
            sum(unknown)::BIGINT AS unknown, sum(not_applicable)::BIGINT AS "not applicable",
            CASE WHEN bool_and(measured) THEN any_value(ratio) END AS share,
            CASE WHEN bool_and(measured) THEN sum(weight * pass)
                / nullif(sum(weight * (pass + fail + unknown)), 0) END AS low,
            CASE WHEN bool_and(measured) THEN sum(weight * (pass + unknown))
                / nullif(sum(weight * (pass + fail + unknown)), 0) END AS high,
            CASE WHEN NOT bool_and(measured) THEN NULL
                WHEN sum(variance) > 0 THEN 1.96 * sqrt(sum(variance)) / any_value(size)
                -- All that were drawn agree: how many might differ without one of them being drawn?
                ELSE coalesce(sum(weight * (pass + fail)) FILTER (weight > 1), 0) * coalesce(1 - pow(0.05,
                    1 / nullif(sum(pass + fail) FILTER (weight > 1), 0)), 0) / nullif(any_value(size), 0) END AS margin
        FROM variances GROUP BY ALL ORDER BY ALL""")


def results(frame, by):
    """A long copy of what `shares` returned, for stacked bars: `by`, result, domains, part."""
    long = frame[[by, *RESULTS]].melt(id_vars=[by], value_vars=RESULTS, var_name="result", value_name="domains")
    long["part"] = long["domains"] / long.groupby(by)["domains"].transform("sum")
    long["order"] = long["result"].map(RESULTS.index)
    return long


# ---- words

def share(passed, of, unknown=0):
    """A share in words: never without what it is a share of, and what is not known."""
    words = f"{passed:,} of {of:,}" + (f" ({percent(passed / of)})" if of else "")
    return words + (f", {unknown:,} unknown" if unknown else "")


def percent(value):
    """A share as text; a dash where there is none. Only nobody is 0.0 %, and only all are 100.0 %."""
    if value is None or pd.isna(value):
        return "–"
    text = f"{value:.1%}".replace("%", " %")
    # A sum of weights may miss the whole by the last digits that a computer keeps.
    if text == "0.0 %" and value > 1e-12:
        return "< 0.1 %"
    return "> 99.9 %" if text == "100.0 %" and value < 1 - 1e-12 else text


# What Unicode hides where it is not known (Default_Ignorable_Code_Point), as far as it counts as a letter or a mark.
HIDDEN = set("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0") | set(map(chr, range(0xFE00, 0xFE10)))
HIDDEN |= set(map(chr, range(0xE0100, 0xE01F0)))


def neutral(text, length=160):
    """Text of strangers, shown and not acted upon: letters that have no shape, turn the direction or control a
    terminal, and marks that stand in piles above or below a letter, are written as \\uXXXX, and what is longer than
    `length` is cut."""
    shown, marks = [], 0
    for char in text[:length]:
        category = unicodedata.category(char)
        marks = marks + 1 if category in ("Mn", "Me") else 0
        # Controls, formats (bidi, zero width), surrogates, private and unassigned ones, separators of lines.
        acts = category in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp") or char in HIDDEN or marks > 3
        shown.append(f"\\u{ord(char):04X}" if acts else char)
    return "".join(shown) + ("…" if len(text) > length else "")


def cell(value):
    """One cell of a table as HTML. Nothing in it is markup, mathematics or a link."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (list, tuple)) or type(value).__name__ == "ndarray":
        value = ", ".join(map(str, value))
    if value is None or (not isinstance(value, str) and pd.isna(value)):
        return ""
    if isinstance(value, float):
        value = f"{value:,.4g}" if value != int(value) else f"{int(value):,}"
    elif isinstance(value, int) or type(value).__name__.startswith(("int", "uint")):
        value = f"{int(value):,}"
    escaped = html.escape(neutral(str(value)), quote=True)
    # MathJax sets what stands between two of these; inside an element each, they are no pair.
    for mark in ("\\", "$"):
        escaped = escaped.replace(mark, f"<span>{mark}</span>")
    return f"<bdi>{escaped}</bdi>"


def _word(value):
    """One cell of a table as text."""
    return "" if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)) else _harmless(value)


class Note:
    """A sentence in the place of a chart or a table that would be empty."""

    def __init__(self, text):
        self.text = neutral(text, length=1000)

    def _repr_mimebundle_(self, include=None, exclude=None):
        words = html.escape(self.text, quote=True)
        return {"text/html": f'<p class="tex2jax_ignore mathjax_ignore">{words}</p>', "text/plain": self.text}


class Table:
    """A frame as a notebook shows it."""

    def __init__(self, frame, caption=""):
        self.frame, self.caption = frame, caption

    def _repr_mimebundle_(self, include=None, exclude=None):
        numbers = {name for name in self.frame.columns if pd.api.types.is_numeric_dtype(self.frame[name])}
        numbers |= {name for name in self.frame.columns if name in ("share", "low", "high", "margin")}
        style = {True: ' style="text-align:right"', False: ' style="text-align:left"'}
        head = "".join(f"<th{style[name in numbers]}>{cell(str(name))}</th>" for name in self.frame.columns)
        body = "".join(
            "<tr>" + "".join(f"<td{style[name in numbers]}>{cell(value)}</td>" for name, value in zip(self.frame.columns, row))
            + "</tr>\n" for row in self.frame.itertuples(index=False, name=None))
        caption = f"<caption>{cell(self.caption)}</caption>" if self.caption else ""
        table = f"<table class=\"tex2jax_ignore mathjax_ignore\">{caption}<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>"
        words = self.frame.astype(object).map(_word).rename(columns=_harmless)
        return {"text/html": table, "text/plain": words.to_string(index=False, max_colwidth=60)}


def show(frame, caption=""):
    """A table: shares in per cent, whole numbers with separators, text of strangers harmless. A sentence where it is
    empty."""
    if frame.empty:
        return Note(f"{caption.rstrip('.') or 'This table'}: none.")
    frame = frame.copy()
    for name in frame.columns:
        if name in ("share", "low", "high", "margin") or str(name).startswith("share"):
            frame[name] = [percent(value) for value in frame[name]]
        elif pd.api.types.is_float_dtype(frame[name]) and not frame[name].isna().all():
            frame[name] = frame[name].astype("Float64").convert_dtypes()
    return Table(frame, caption)


def about(variable="MAILCENSUS_SURVEY", usual="survey"):
    """What every reader of a figure wants to know of the survey behind it, as a frame of one row."""
    said = manifest(variable, usual)
    return pd.DataFrame([{
        "survey": neutral(said["survey"]), "day": said["started_at"][:10], "domains": said["counts"]["domains"],
        "sample": "no, the whole list" if not said["configuration"]["sample"] else "yes, shares have margins",
        "depth": said["configuration"]["depth"], "IPv6": "yes" if said["vantage"]["ipv6"] else "no",
        "program": said["tool"],
    }])


# ---- charts

def _bundle(spec, **_):
    """A chart for everybody: a picture where only pictures are shown, the drawing itself where it can move."""
    for rows in spec.get("datasets", {}).values():
        for row in rows:
            row.update({key: round(value, 5) for key, value in row.items() if isinstance(value, float)})
    png = vl_convert.vegalite_to_png(json.dumps(spec), scale=1.25)
    picture = Image.open(io.BytesIO(png)).convert("RGB").quantize(
        48, method=Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
    small = io.BytesIO()
    picture.save(small, "PNG", optimize=True)
    words = spec.get("description") or "chart"
    return {"application/vnd.vegalite.v6+json": spec, "image/png": small.getvalue(), "text/plain": words}


@alt.theme.register("mailcensus", enable=True)
def _theme():
    font = "Liberation Sans, Arial, Helvetica, sans-serif"
    axis = {"labelFontSize": 12, "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 330, "gridColor": "#EEEEEE",
            "domainColor": "#888888", "tickColor": "#888888", "titleColor": "#444444"}
    return {"config": {
        "font": font, "background": "white", "axis": axis, "view": {"stroke": None},
        "legend": {"labelFontSize": 12, "titleFontSize": 12, "orient": "top", "titleFontWeight": "normal", "labelLimit": 300},
        "title": {"fontSize": 15, "anchor": "start", "subtitleFontSize": 12, "subtitleColor": "#555555", "offset": 12},
        "header": {"labelFontSize": 12, "titleFontSize": 12},
    }}


alt.renderers.register("mailcensus", _bundle)
alt.renderers.enable("mailcensus")


def title(text, subtitle):
    """The title of a chart; the subtitle says what is counted."""
    return alt.TitleParams(text, subtitle=subtitle)


def colours(pairs):
    """A scale of colours from words."""
    return alt.Scale(domain=list(pairs), range=list(pairs.values()))


RESULT_COLOURS = dict(zip(RESULTS, (PASS, FAIL, UNKNOWN, NOT_APPLICABLE)))


def _beside(row):
    """What stands beside a share: what it is a share of, and how many are not known."""
    decided = row["pass"] + row["fail"]
    if decided + row["unknown"] == 0:
        return "nobody concerned"
    of = f"{row['pass']:,} of {decided:,}; " if decided and not pd.isna(row["share"]) else f"{decided:,} fail; " if decided else ""
    return f"{of}{row['unknown']:,} unknown"


def stacked(frame, by, labels, heading, width=430, step=22):
    """A bar for each row of what `shares` returned, split by result, and its share beside it in words."""
    order = [label for label in labels.values()]
    frame = frame[frame[by].isin(labels)].assign(label=frame[by].map(labels))
    frame["words"] = ["not measured" if pd.isna(row.share) else percent(row.share) for row in frame.itertuples()]
    frame["rest"] = [_beside(row) for row in frame.to_dict("records")]
    y = alt.Y("label:N", sort=order, title=None)
    bars = alt.Chart(results(frame, "label")).mark_bar(height=alt.RelativeBandSize(0.78)).encode(
        y=y, x=alt.X("part:Q", title="part of all these domains", axis=alt.Axis(format="%", tickCount=5), scale=alt.Scale(domain=[0, 1])),
        color=alt.Color("result:N", scale=colours(RESULT_COLOURS), title=None), order="order:Q",
        tooltip=["label:N", "result:N", "domains:Q", alt.Tooltip("part:Q", format=".1%")],
    ).properties(width=width, height=alt.Step(step))
    blank = alt.Y("label:N", sort=order, axis=None)
    base = alt.Chart(frame[["label", "words", "rest"]]).properties(height=alt.Step(step))
    shown = base.mark_text(align="right", x=62, fontWeight="bold", fontSize=12).encode(y=blank, text="words:N")
    rest = base.mark_text(align="left", x=74, color="#555555", fontSize=11).encode(y=blank, text="rest:N")
    beside = alt.layer(shown, rest).properties(
        width=240, title=alt.TitleParams("share = pass / (pass + fail)", fontSize=11, fontWeight="normal", offset=6, dx=10))
    return alt.hconcat(bars, beside, spacing=4).properties(title=heading).resolve_scale(color="independent")
