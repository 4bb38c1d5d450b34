"""What other programs read out of our files, as JSON on standard output.

Usage: read_back.py FILE.parquet FOLDER FILE.xlsx
"""

import json
import sys

import duckdb
import openpyxl
import pandas
import pyarrow.parquet

file, folder, book = sys.argv[1:]
told = {}

con = duckdb.connect()
con.execute(f"create view days as select * from read_parquet('{file}')")
told["duckdb_types"] = [list(row[:2]) for row in con.execute("describe days").fetchall()]
told["duckdb_rows"] = [
    [str(cell) if cell is not None else None for cell in row]
    for row in con.execute("select * from days order by repo, day").fetchall()
]
told["duckdb_sum"] = con.execute("select sum(views) from days where state = 'measured'").fetchone()[0]
by_year = f"read_parquet('{folder}/*/*.parquet', hive_partitioning = true)"
told["duckdb_years"] = [
    list(row)
    for row in con.execute(f"select year, count(*) from {by_year} group by year order by year").fetchall()
]
# What another program wrote out of our file, for our own reader.
con.execute(f"copy days to '{file}.duckdb.parquet' (format parquet)")

frame = pandas.read_parquet(file, dtype_backend="numpy_nullable")
frame.to_parquet(f"{file}.pandas.parquet")
told["pandas_types"] = {name: str(kind) for name, kind in frame.dtypes.items()}
told["pandas_empty"] = int(frame["views"].isna().sum())
told["pandas_sum"] = int(frame.loc[frame["state"] == "measured", "views"].sum())
parts = pandas.read_parquet(folder)
told["pandas_years"] = sorted({int(year) for year in parts["year"]})

stored = pyarrow.parquet.ParquetFile(file)
schema = stored.schema_arrow
said = schema.field("views_uniques").metadata
told["field"] = {key.decode(): value.decode() for key, value in said.items() if key.startswith(b"gitratra")}
told["file"] = {
    key.decode(): value.decode() for key, value in stored.metadata.metadata.items() if key.startswith(b"gitratra")
}
column = stored.metadata.row_group(0).column(0)
told["compression"] = column.compression

workbook = openpyxl.load_workbook(book)
told["sheets"] = workbook.sheetnames
sheet = workbook["daily"]
told["freeze"] = sheet.freeze_panes
told["filter"] = sheet.auto_filter.ref
told["xlsx_rows"] = [
    [[cell.data_type, str(cell.value), cell.number_format] for cell in row] for row in sheet.iter_rows(max_row=3)
]
told["xlsx_width"] = sheet.column_dimensions["A"].width
told["formula"] = [[cell.data_type, cell.value] for cell in workbook["referrers"]["E"]]
told["about"] = [str(row[0].value) for row in workbook["About"].iter_rows(max_row=1)]

print(json.dumps(told))
