# SPDX-License-Identifier: Apache-2.0
#
# schema.py SCHEMA CASES SCENARIO...: the JSON Schema of scenarios, by a validator that is not ours: all of these hold, and of
# tests/scenario/broken.cases those do not whose message is about one key or one value. Others need more than a schema has.
import json
import re
import sys

import jsonschema
import yaml

ALONE = re.compile(
    r"has no unit|unknown unit|is not a number|expected a map|must be a map|missing key 'name'|is not a switch"
    r"|unknown key '(?!base)|has no key|unknown design|unknown lock|has an exponent|space between|below the minimum"
)
# Sections of which the schema has only the outline.
BEYOND = re.compile(r"sample|matrix|\.times|headline|expect|pin |duplicate|defaults\.guests\.name|a name cannot")


def cases(path):
    for text in open(path, encoding="utf-8").read().split("\n=== ")[1:]:
        head, _, messages = text.partition("\n-->\n")
        name, _, body = head.partition("\n")
        if "--set" not in body:
            body = "\n".join("name: x\nguests: [ { name: g } ]" if line == "@" else line for line in body.split("\n"))
            yield name, body.replace("\\t", "\t"), messages


schema = json.load(open(sys.argv[1], encoding="utf-8"))
jsonschema.Draft7Validator.check_schema(schema)
validator = jsonschema.Draft7Validator(schema)
failures = []
for path in sys.argv[3:]:
    for error in validator.iter_errors(yaml.safe_load(open(path, encoding="utf-8"))):
        failures.append(f"{path}: {list(error.absolute_path)}: {error.message[:200]}")
refused = 0
for name, body, messages in cases(sys.argv[2]):
    try:
        document = yaml.safe_load(body)
    except (yaml.YAMLError, ValueError):
        continue
    is_refused = not validator.is_valid(document)
    refused += is_refused
    is_alone = ALONE.search(messages) and not BEYOND.search(messages) and not name.startswith("axis")
    if not is_refused and "error" in messages and is_alone:
        failures.append(f"the schema accepts the broken case '{name}': {messages.strip()}")
    if is_refused and "error" not in messages:
        failures.append(f"the schema refuses the case '{name}', which has only warnings")
if refused < 60:
    failures.append(f"the schema refuses only {refused} of the broken cases")
print("\n".join(failures), end="\n" if failures else "")
sys.exit(bool(failures))
