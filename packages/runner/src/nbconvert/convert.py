"""
Run by nbconvert.ts with the project's Python: `convert.py list OUT` or `convert.py convert OUT FORMAT NOTEBOOK FOLDER NAME`.
Answers with OUT/answer.json and, for a conversion, OUT/result. Whatever nbconvert prints goes to nobody.
"""

import json
import os
import sys


def exporters():
    from nbconvert.exporters.base import get_export_names, get_exporter

    found = []
    for name in sorted(get_export_names()):
        try:
            found.append({"name": name, "mime": get_exporter(name)().output_mimetype or ""})
        except Exception:
            continue
    return {"exporters": found}


def zipped(name, result, files):
    import io
    import zipfile

    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, result)
        for path, data in files.items():
            archive.writestr(path, data)
    return buffer.getvalue()


def convert(out, format, notebook, folder, name):
    import nbformat
    from nbconvert.exporters.base import ExporterNameError, get_exporter

    try:
        exporter_class = get_exporter(format)
    except (ExporterNameError, ValueError):
        return {"unknown": True, **exporters()}
    exporter = exporter_class()
    try:
        with open(notebook, encoding="utf-8") as file:
            node = nbformat.read(file, as_version=4)
    except Exception as error:
        return {"invalid": words(error)}
    os.chdir(folder)
    stem = os.path.splitext(name)[0]
    resources = {"metadata": {"name": stem, "path": folder}, "config_dir": ""}
    try:
        result, resources = exporter.from_notebook_node(node, resources)
    except Exception:
        # reading is lenient: whose fault it was is known only now
        try:
            nbformat.validate(node)
        except nbformat.ValidationError as error:
            return {"invalid": words(error)}
        raise
    file_name = stem + (resources.get("output_extension") or exporter.file_extension)
    mime = exporter.output_mimetype or "application/octet-stream"
    data = result.encode("utf-8") if isinstance(result, str) else result
    files = resources.get("outputs")
    if isinstance(files, dict) and files:
        data = zipped(file_name, data, files)
        file_name, mime = stem + ".zip", "application/zip"
    with open(os.path.join(out, "result"), "wb") as file:
        file.write(data)
    return {"mime": mime, "fileName": file_name}


def words(error):
    return (str(error).strip() or type(error).__name__)[:2000]


def answer(command, out, *rest):
    try:
        import nbconvert  # noqa: F401
    except ImportError as error:
        # a broken installation says why; none at all is named
        return {"missing": True} if error.name == "nbconvert" else {"error": str(error)}
    try:
        return exporters() if command == "list" else convert(out, *rest)
    except Exception as error:
        return {"error": words(error)}


def main():
    out = sys.argv[2]
    said = answer(*sys.argv[1:])
    with open(os.path.join(out, "answer.json"), "w", encoding="utf-8") as file:
        json.dump(said, file)


main()
