"""What other programs reckon out of a warehouse, as JSON on standard output.

Usage: read_back.py ENGINE FOLDER QUESTIONS.json

ENGINE is sail (its distributed mode, several workers), duckdb or pandas. The questions are SQL by
name, the same text for both of the first; pandas answers some of its own. In them `{days:A:B}` is the
number of days from B to A, `{secs:A}` the seconds of a moment, `{q:A}` a name in quotes.
"""

import json
import os
import re
import sys
import warnings

warnings.simplefilter("ignore")
engine, folder, questions = sys.argv[1:]
with open(questions) as file:
    questions = json.load(file)
tables = sorted(name for name in os.listdir(folder) if not name.startswith("_"))


def cell(value):
    if isinstance(value, bool):
        return int(value)
    return value if value is None or isinstance(value, (int, float, str)) else str(value)


def rows(found):
    return [[cell(value) for value in row] for row in found]


def worded(text, words):
    def put(found):
        name, *rest = found.group(1).split(":")
        return words[name].format(*rest)

    return re.sub(r"\{([^}]+)\}", put, text)


SPARK = {"days": "datediff({0}, {1})", "secs": "unix_timestamp({0})", "q": "`{0}`"}
DUCKDB = {"days": "({0} - {1})", "secs": "cast(epoch({0}) as bigint)", "q": '"{0}"'}
told = {}
if engine == "sail":
    os.environ.update(SAIL_MODE="local-cluster", RUST_LOG="error")
    from pysail.spark import SparkConnectServer
    from pyspark.sql import SparkSession

    server = SparkConnectServer("127.0.0.1", 0)
    server.start(background=True)
    host, port = server.listening_address
    spark = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    for name in tables:
        spark.read.parquet(f"{folder}/{name}").createOrReplaceTempView(name)
        told[f"types of {name}"] = dict(spark.table(name).dtypes)
    for name, text in questions.items():
        told[name] = rows(spark.sql(worded(text, SPARK)).collect())
    spark.stop()
    server.stop()
elif engine == "duckdb":
    import duckdb

    con = duckdb.connect()
    con.execute("set timezone = 'UTC'")
    for name in tables:
        files = f"read_parquet('{folder}/{name}/**/*.parquet', hive_partitioning = true)"
        con.execute(f"create view {name} as select * from {files}")
        told[f"types of {name}"] = {row[0]: row[1] for row in con.execute(f"describe {name}").fetchall()}
    for name, text in questions.items():
        told[name] = rows(con.execute(worded(text, DUCKDB)).fetchall())
else:
    import pandas

    for name in tables:
        frame = pandas.read_parquet(f"{folder}/{name}", dtype_backend="numpy_nullable")
        told[f"types of {name}"] = {column: str(kind) for column, kind in frame.dtypes.items()}
        if name == "daily":
            told["rows"] = len(frame)
            told["empty"] = int(frame["views"].isna().sum())
            measured = frame[frame["state"] == "measured"]
            sums = measured.groupby("repo_id")["views"].agg(["sum", "count"]).sort_index()
            told["sums"] = [[int(at), int(row["sum"]), int(row["count"])] for at, row in sums.iterrows()]
            told["day"] = type(frame["day"].iloc[0]).__name__
            told["months"] = sorted({(int(y), int(m)) for y, m in zip(frame["year"], frame["month"])})

print(json.dumps(told))
