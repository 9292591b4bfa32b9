"""Stand-ins for `op`, `vault` and `gcloud` that keep state and can be written to.

The real ones come from servers of their own and need accounts; these are real processes that take the documented
arguments and refuse all others, read a value from their standard input alone, and note every argument they get in the
file `argv`. Their state is a JSON file in the folder they are started in. `MEANWHILE` in their environment lets somebody
else write between a look and the next write, so many times.
"""

START = """
import json, pathlib, secrets
state_file, noted = pathlib.Path("state.json"), pathlib.Path("argv")
state = json.loads(state_file.read_text()) if state_file.exists() else {}
with noted.open("a") as log:
    log.write(json.dumps(sys.argv) + "\\n")
def save():
    state_file.write_text(json.dumps(state))
def fail(text, status=1):
    print(text, file=sys.stderr)
    sys.exit(status)
if "FAILURE" in os.environ and sys.argv[1:3] != os.environ.get("BUT", "").split():
    fail(os.environ["FAILURE"])
meanwhile = pathlib.Path("meanwhile")
def others_write():
    left = int(meanwhile.read_text()) if meanwhile.exists() else int(os.environ.get("MEANWHILE", "0"))
    meanwhile.write_text(str(max(left - 1, 0)))
    return left
"""

OP = (
    START
    + """
ERROR = "[ERROR] 2026/11/26 10:00:00 "
def find(name, vault):
    for item in state.get(vault, []):
        if name in (item["id"], item["title"]):
            return item
    fail(ERROR + '"' + name + '" isn\\'t an item in the "' + vault + '" vault. Specify the item with its UUID')
def named(each, name):
    return name.lower() in [str(each.get(key)).lower() for key in ("id", "label")]
def template():
    if not os.get_blocking(0):
        fail("stdin")
    import stat
    if not stat.S_ISFIFO(os.fstat(0).st_mode):  # seen of op 2.34: a redirected file is not read
        fail(ERROR + "provide the item category with '--category' flag")
    try:
        item = json.loads(sys.stdin.read())
    except ValueError:
        fail(ERROR + "unable to process line 1: invalid JSON in piped input")
    if set(item) - {"id", "title", "category", "fields", "sections", "vault", "version", "tags", "urls", "files",
                    "created_at", "updated_at", "last_edited_by", "additional_information"}:
        fail(ERROR + "unknown key in template")
    for each in item["fields"]:
        if each.get("type") == "DATE" and not each.get("value"):
            fail(ERROR + "invalid date")
        each.setdefault("id", secrets.token_hex(13))
        section = each.get("section")
        if section and section["id"] not in [known["id"] for known in item.get("sections", [])]:
            fail(ERROR + "section of a field does not exist")
    return item
verb, rest = sys.argv[1:3], sys.argv[3:]
flags = dict(each.partition("=")[::2] for each in rest if each.startswith("--"))
words = [each for each in rest if not each.startswith("--")]
if sys.argv[1] == "read" and sys.argv[2] == "--no-newline":
    vault, name, *place = sys.argv[3].removeprefix("op://").split("/")
    fields = [each for each in find(name, vault)["fields"] if named(each, place[-1])
              and (len(place) < 2 or each.get("section", {}).get("id") in
                   [known["id"] for known in find(name, vault).get("sections", []) if named(known, place[0])])]
    if len(fields) != 1:
        fail(ERROR + "item '" + vault + "/" + name + "' does not have a field '" + place[-1] + "'")
    print(fields[0].get("value", ""), end="")
elif verb == ["item", "get"] and set(flags) == {"--vault", "--format"} and flags["--format"] == "json":
    print(json.dumps(find(words[0], flags["--vault"])))
elif verb == ["item", "create"] and words == ["-"] and set(flags) == {"--vault"}:
    if flags["--vault"] not in state:
        fail(ERROR + '"' + flags["--vault"] + '" isn\\'t a vault in this account.')
    item = template()
    item["id"] = "abcdefghijklmnopqrstuvw" + str(len(state[flags["--vault"]]) + 222)
    state[flags["--vault"]].append(item)
    save()
    print("ID: " + item["id"])
elif verb == ["item", "edit"] and len(words) == 1 and set(flags) == {"--vault"}:
    old, new = find(words[0], flags["--vault"]), template()
    old.clear()
    old.update(new)
    save()
    print("ID: " + old["id"])
else:
    fail(ERROR + "unknown command, flag or wrong number of arguments: " + repr(sys.argv[1:]))
"""
)

VAULT = (
    START
    + """
flags = dict(each.partition("=")[::2] for each in sys.argv[3:] if each.startswith("-") and each != "-")
words = [each for each in sys.argv[3:] if not each.startswith("-") or each == "-"]
verb, path = sys.argv[1:3], words[0]
mount = path.partition("/")[0]
secret = state.get(path)
is_v2 = mount != "kv1"
def data():
    if words[1:] == ["-"]:
        return json.loads(sys.stdin.read())
    if len(words) != 2 or not words[1].endswith("=-"):
        fail("Failed to parse K=V data: invalid key/value pair: format must be key=value")
    return {words[1][:-2]: sys.stdin.read()}
def refuse_others(known):
    if set(flags) - known:
        fail("flag provided but not defined: " + repr(set(flags) - known))
def checked(version):
    if "-cas" in flags and int(flags["-cas"]) != version:
        fail("Error writing data to " + path + ": Error making API request.\\n\\nCode: 400. Errors:\\n\\n"
             "* check-and-set parameter did not match the current version", 2)
if verb == ["kv", "get"]:
    refuse_others({"-field", "-format"})
    if secret is None or (is_v2 and secret["data"] is None and "-field" in flags):
        fail("No value found at " + (mount + "/data/" if is_v2 else "") + path, 2)
    if "-field" in flags:
        if flags["-field"] not in secret["data"]:
            fail('Field "' + flags["-field"] + '" not present in secret')
        print(secret["data"][flags["-field"]], end="")
    else:
        metadata = {"created_time": "2026-11-26T10:00:00Z", "version": secret["version"], "destroyed": False}
        inner = {"data": secret["data"], "metadata": metadata} if is_v2 else secret["data"]
        print(json.dumps({"request_id": "x", "data": inner}))
        if is_v2 and others_write():
            secret["version"] += 1
            secret["data"] = {**(secret["data"] or {}), "other": "v" + str(secret["version"])}
            save()
elif verb == ["kv", "put"]:
    refuse_others({"-cas"})
    if is_v2:
        checked(secret["version"] if secret else 0)
    state[path] = {"data": data(), "version": secret["version"] + 1 if secret else 1}
    save()
elif verb == ["kv", "patch"] and is_v2:
    refuse_others({"-cas"})
    if secret is None or secret["data"] is None:
        fail("No value found at " + path, 2)
    checked(secret["version"])
    secret["data"].update(data())
    secret["version"] += 1
    save()
else:
    fail("K/V engine mount must be version 2 for patch support")
"""
)

GCLOUD = (
    START
    + """
import base64
flags = dict(each.partition("=")[::2] for each in sys.argv[1:] if each.startswith("--"))
words = [each for each in sys.argv[1:] if not each.startswith("--")]
if "--quiet" not in flags:
    fail("it would ask")
if words[:3] == ["secrets", "versions", "access"]:
    versions = state.get(flags["--project"] + "/" + flags["--secret"])
    if not versions:
        fail("ERROR: (gcloud.secrets.versions.access) NOT_FOUND: Secret not found or has no versions.")
    print(base64.urlsafe_b64encode(versions[-1].encode()).decode())
elif words[:3] == ["secrets", "versions", "add"] and len(words) == 4:
    if set(flags) != {"--data-file", "--project", "--quiet"} or flags["--data-file"] != "-":
        fail("ERROR: (gcloud.secrets.versions.add) unrecognized arguments: " + repr(flags), 2)
    versions = state.get(flags["--project"] + "/" + words[3])
    if versions is None:
        fail("ERROR: (gcloud.secrets.versions.add) NOT_FOUND: Secret [projects/1/secrets/x] not found.")
    versions.append(sys.stdin.read())
    save()
    print("Created version [2] of the secret [x].", file=sys.stderr)
else:
    fail("ERROR: (gcloud) Invalid choice: " + repr(words), 2)
"""
)
