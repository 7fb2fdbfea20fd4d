import Glibc

extension Association {
    /// Receives the object of a store request into file `number` of a folder, bit for bit, with a meta header.
    ///
    /// - Returns: the object, and the bytes of its data set.
    /// - Throws: `inputOutput` when it cannot be written, and as `receiveData`.
    public func receiveObject(
        _ request: Answerable, into folder: String, number: Int, seconds: Int, from source: String, to receiver: String
    ) throws(DICOMError) -> (StoredInstance, UInt64) {
        guard
            let context = presentationContexts.first(where: { $0.identifier == request.presentationContext }),
            let syntax = context.acceptedTransferSyntax
        else { throw DICOMError(.protocolViolation, "an object on a refused presentation context") }
        let digits = String(number)
        let path = "\(folder)/\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits).dcm"
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
        guard descriptor >= 0 else {
            throw DICOMError(.inputOutput, "cannot write a file: \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        let header = MetaHeader.bytes(
            sopClassUID: request.sopClassUID, sopInstanceUID: request.sopInstanceUID, transferSyntaxUID: syntax,
            sourceAETitle: source, receivingAETitle: receiver)
        let written = write(descriptor, header, header.count)
        let data = try receiveData(into: descriptor, seconds: seconds)
        guard written == header.count, data.writeError == 0 else {
            throw DICOMError(.inputOutput, "cannot write a file: \(String(cString: strerror(data.writeError)))")
        }
        let instance = StoredInstance(
            sopClassUID: request.sopClassUID, sopInstanceUID: request.sopInstanceUID, transferSyntaxUID: syntax,
            path: path)
        return (instance, data.byteCount)
    }
}
