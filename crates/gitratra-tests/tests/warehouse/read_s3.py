"""What pyarrow and Sail read of days out of a bucket, as JSON on standard output.

Usage: read_s3.py HOST:PORT BUCKET/PREFIX
"""

import json
import os
import sys
import warnings

warnings.simplefilter("ignore")
endpoint, place = sys.argv[1:]
told = {}

import pyarrow.dataset
from pyarrow.fs import S3FileSystem

system = S3FileSystem(
    access_key="key-of-the-test",
    secret_key="secret-of-the-test",
    region="us-east-1",
    scheme="http",
    endpoint_override=endpoint,
)
days = pyarrow.dataset.dataset(f"{place}/daily", filesystem=system, partitioning="hive", format="parquet")
frame = days.to_table().to_pandas(types_mapper=None)
told["pyarrow"] = [len(frame), int(frame["views"].sum()), int(frame["views"].count())]

os.environ.update(
    SAIL_MODE="local-cluster",
    RUST_LOG="error",
    AWS_ACCESS_KEY_ID="key-of-the-test",
    AWS_SECRET_ACCESS_KEY="secret-of-the-test",
    AWS_REGION="us-east-1",
    AWS_ENDPOINT=f"http://{endpoint}",
    AWS_ENDPOINT_URL=f"http://{endpoint}",
    AWS_ALLOW_HTTP="true",
)
from pysail.spark import SparkConnectServer
from pyspark.sql import SparkSession

server = SparkConnectServer("127.0.0.1", 0)
server.start(background=True)
host, port = server.listening_address
spark = SparkSession.builder.remote(f"sc://{host}:{port}").getOrCreate()
spark.read.parquet(f"s3://{place}/daily").createOrReplaceTempView("daily")
row = spark.sql("select count(*), sum(views), count(views) from daily").collect()[0]
told["sail"] = [int(value) for value in row]
spark.stop()
server.stop()
print(json.dumps(told))
