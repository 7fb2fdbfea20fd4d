"""Runs PixelMed's DicomSRValidator over many reports in one virtual machine and prints what it says as JSON.

usage: validate_templates.py SR.dcm ...
"""
import glob
import json
import sys

import jpype

# The validator's stylesheets are larger than what Java takes from strangers.
limits = [f"-Djdk.xml.{name}=0" for name in ("xpathTotalOpLimit", "xpathExprOpLimit", "xpathExprGrpLimit")]
jars = [f"/usr/share/java/{name}.jar" for name in ("pixelmed", "slf4j-api", "commons-codec")]
missing = [jar for jar in jars if not glob.glob(jar)]
if missing:
    sys.exit(f"not installed: {', '.join(missing)} (Debian package libpixelmed-java)")
jpype.startJVM(*limits, classpath=jars)
validator = jpype.JClass("com.pixelmed.validate.DicomSRValidator")()
print(json.dumps({path: str(validator.validate(path)).splitlines() for path in sys.argv[1:]}))
