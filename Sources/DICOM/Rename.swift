import CDCMTK
import Glibc

/// Renames a file unless the new name is taken; whether it did.
///
/// - Throws: `inputOutput`.
package func renameWithoutReplacing(_ path: String, _ final: String) throws(DICOMError) -> Bool {
    if apatite_rename_exclusive(path, final) == 0 { return true }
    if errno == EEXIST { return false }
    throw DICOMError(.inputOutput, "cannot rename a file: \(String(cString: strerror(errno)))")
}
