import DICOM
import DualEnergyCT
import Foundation

/// The readable headers of a study's files, and what could not be read.
struct StudyFiles {
    var headers: [ImageHeader] = []
    var fileCount = 0
    /// Files that are no DICOM: common in a folder, and no concern of ours as long as others are.
    var foreignCount = 0
    /// Files that are DICOM and cannot be read, by kind of failure.
    var failures: [DICOMError.Code: Int] = [:]

    /// Reads the headers, not the pixels.
    ///
    /// - Parameter inputs: files, or folders that are searched with all their folders.
    init(inputs: [String], maximumCount: Int) throws(SetAside) {
        let files = try Self.files(of: inputs, maximumCount: maximumCount)
        fileCount = files.count
        var read = [Result<[ImageHeader], DICOMError>](repeating: .success([]), count: files.count)
        read.withUnsafeMutableBufferPointer { read in
            let read = read
            concurrently(files.count, voxels: files.count * Self.voxelsOfHeader) { range in
                for n in range { read[n] = Self.headers(of: files[n]) }
            }
        }
        for result in read {
            switch result {
            case .success(let found): headers += found
            case .failure(let error) where error.code == .notDICOM: foreignCount += 1
            case .failure(let error): failures[error.code, default: 0] += 1
            }
        }
    }

    /// A header takes as long to read as about so many voxels to touch.
    private static let voxelsOfHeader = 100_000

    private static func headers(of file: File) -> Result<[ImageHeader], DICOMError> {
        do {
            let dataSet = try DataSet(contentsOf: file.path, untilPixelData: true)
            return .success(ImageHeader.headers(of: dataSet, path: file.path, byteCount: file.byteCount))
        } catch {
            return .failure(error)
        }
    }

    /// What could not be read, for the operator; empty when all could.
    var reasons: [FateReason] {
        failures.sorted { $0.key.rawValue < $1.key.rawValue }.map { code, count in
            let files = count == 1 ? "1 file" : "\(count) files"
            switch code {
            case .limitExceeded:
                return FateReason(
                    .overLimit, "\(files) would unpack to more than is allowed.", remedy: "Send the study uncompressed."
                )
            case .unsupported:
                return FateReason(
                    .undecodable, "\(files) are in an encoding that is not supported.",
                    remedy: "Send the study uncompressed.")
            default:
                return FateReason(
                    .unreadable, "\(files) are damaged and cannot be read.", remedy: "Send the study again.")
            }
        }
    }

    private typealias File = (path: String, byteCount: Int)

    private static func files(of inputs: [String], maximumCount: Int) throws(SetAside) -> [File] {
        var files: [File] = []
        for input in inputs {
            var isFolder: ObjCBool = false
            guard FileManager.default.fileExists(atPath: input, isDirectory: &isFolder) else { continue }
            let paths: any Sequence<String> =
                isFolder.boolValue
                ? FileManager.default.enumerator(atPath: input).map { enumerator in
                    AnySequence { AnyIterator { (enumerator.nextObject() as? String).map { "\(input)/\($0)" } } }
                } ?? AnySequence([]) : AnySequence([input])
            for path in paths {
                guard let byteCount = regularFileSize(path) else { continue }
                files.append((path, byteCount))
                guard files.count <= maximumCount else {
                    throw SetAside(
                        .tooManyFiles, "There are more than \(maximumCount) files.",
                        remedy: "Give the files of one study, or raise the limit.")
                }
            }
        }
        // The order of a folder is the file system's; results must not depend on it.
        return files.sorted { $0.path < $1.path }
    }

    /// Nil for what is no regular file: a pipe in a folder would never end.
    private static func regularFileSize(_ path: String) -> Int? {
        var information = stat()
        guard stat(path, &information) == 0, information.st_mode & S_IFMT == S_IFREG else { return nil }
        return Int(information.st_size)
    }
}
