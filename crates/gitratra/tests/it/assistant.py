"""A real assistant's end of the line: the Python SDK of the Model Context Protocol.

Started by assistant.rs with the program and a file of expectations as JSON; every failure is an
exception. The SDK checks each answer against the schema that its tool promises.
"""

import json
import os
import sys

import anyio
from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

PROGRAM, EXPECTED = sys.argv[1], json.load(open(sys.argv[2], encoding="utf-8"))

TOOLS = [
    "list_repositories",
    "series",
    "top",
    "compare",
    "list_spikes",
    "explain_spike",
    "sources",
    "gaps",
]


async def talk(mode, flags):
    server = StdioServerParameters(
        command=PROGRAM, args=["mcp", *flags], env=dict(os.environ)
    )
    async with Client(stdio_client(server), mode=mode) as client:
        assert "What is not known is no zero" in client.instructions, client.instructions
        listed = await client.list_tools()
        assert [tool.name for tool in listed.tools] == TOOLS, listed
        for tool in listed.tools:
            assert tool.annotations.read_only_hint is True, tool
            assert tool.output_schema is not None, tool

        async def call(tool, **arguments):
            result = await client.call_tool(tool, arguments)
            assert not result.is_error, result
            text = result.content[0].text
            told = result.structured_content
            assert text and told["limits"], result
            return told, text

        told, _ = await call("list_repositories")
        names = [repo["repo"] for repo in told["data"]["repos"]]
        private = EXPECTED["private"]
        assert (private in names) == bool(flags), names
        assert told["withheld_private_repositories"] == (0 if flags else 1), told

        for repo in EXPECTED["public"]:
            told, text = await call("series", repo=repo["name"], range="all", by="day")
            days = {step["from"]: step["count"] for step in told["data"]["steps"]}
            for day, views in repo["views"].items():
                assert days[day] == views, (repo["name"], day, days[day], views)
                assert f"from {day}" in text
            await call("series", repo=repo["name"], metric="stars", range="all")
            await call("sources", repo=repo["name"])
            await call("explain_spike", repo=repo["name"], day=max(repo["views"]))
        public = [repo["name"] for repo in EXPECTED["public"]]
        await call("compare", repos=public, by="week")
        await call("top", range="7d")
        await call("top", order="rising", range="7d")
        await call("list_spikes", range="all")
        await call("gaps")

        wrong = await client.call_tool("series", {"repo": "octo/no-such-thing"})
        assert wrong.is_error and "list_repositories" in wrong.content[0].text, wrong
        hidden = await client.call_tool("series", {"repo": private})
        assert hidden.is_error == (not flags), hidden
        wrong = await client.call_tool("series", {"repo": public[0], "range": "ever"})
        assert wrong.is_error and "30d" in wrong.content[0].text, wrong


async def main():
    for mode in ("auto", "legacy"):
        for flags in ([], ["--include-private"]):
            await talk(mode, flags)


anyio.run(main)
print("understood")
