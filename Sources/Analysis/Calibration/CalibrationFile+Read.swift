internal import DICOM
public import Foundation

extension CalibrationFile {
    /// Reads a calibration and checks that it is whole, plausible and as it was written.
    public static func read(path: String) throws(CalibrationFailure) -> CalibrationFile {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CalibrationFailure(
                "The calibration \(path) cannot be read.", "Check its path and permissions, or calibrate first.")
        }
        return try CalibrationFile(json: data, name: path)
    }

    /// - Parameter name: of the file, for messages.
    public init(json: Data, name: String) throws(CalibrationFailure) {
        let again = "Calibrate again, or bring back the file as apatite calibrate wrote it."
        struct Head: Decodable { var schema: Int }
        guard let head = try? JSONDecoder().decode(Head.self, from: json) else {
            throw CalibrationFailure("\(name) is no calibration: it is not JSON with a schema.", again)
        }
        guard head.schema == 1 else {
            throw CalibrationFailure(
                "\(name) has schema \(head.schema), which this version does not know.",
                "Use the version of Apatite that wrote it, or calibrate again.")
        }
        do {
            self = try JSONDecoder().decode(CalibrationFile.self, from: json)
        } catch DecodingError.keyNotFound(let key, _) {
            throw CalibrationFailure("\(name) lacks \(key.stringValue).", again)
        } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context) {
            let place = context.codingPath.map(\.stringValue).joined(separator: ".")
            throw CalibrationFailure("\(name) has a value of the wrong type at \(place).", again)
        } catch {
            throw CalibrationFailure("\(name) cannot be understood.", again)
        }
        guard digest == computedDigest else {
            throw CalibrationFailure("\(name) was changed after it was written: its digest does not fit.", again)
        }
        if let problem = implausible { throw CalibrationFailure("\(name): \(problem).", again) }
    }

    /// The digest of the content without the digest itself.
    var computedDigest: String {
        var bare = self
        bare.digest = ""
        let data = (try? bare.encoded()) ?? Data()
        return SHA256.hexadecimal(SHA256.digest(of: Array(data)))
    }

    /// What is read back is what was written, byte for byte.
    public func json() throws -> Data {
        var signed = self
        signed.digest = computedDigest
        return try signed.encoded()
    }

    private func encoded() throws -> Data {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return try encoder.encode(self) + Data("\n".utf8)
    }

    /// A digest can be right and the numbers absurd: whoever wrote it may not have been us.
    private var implausible: String? {
        let r = result
        if CalendarDay(studyDate) == nil { return "studyDate is no date" }
        if !(1...3660).contains(validDays) { return "validDays is not 1 to 3660" }
        if settings.low.quality == nil || settings.high.quality == nil { return "an energy is missing" }
        if !(0.1...6).contains(r.lowSlope) || !(0.1...6).contains(r.highSlope) || r.lowSlope <= r.highSlope {
            return "the slopes are none of a CT scanner"
        }
        if !(0.8...1.25).contains(r.lowFactor) || !(0.8...1.25).contains(r.highFactor) {
            return "a factor is out of its range"
        }
        if !(0.5...30).contains(r.effectiveAluminiumMm) || !(1...60).contains(r.anodeAngleDegrees) {
            return "the filtration is out of its range"
        }
        if !(0...0.01).contains(r.lowRelativeVariance) || !(0...0.01).contains(r.highRelativeVariance)
            || abs(r.relativeCovariance) > 0.01
        {
            return "a variance is out of its range"
        }
        if !(1...60).contains(phantom.pathCm) { return "the path is out of its range" }
        return nil
    }
}

/// A day as DICOM writes it, YYYYMMDD, for the difference of two of them.
///
/// Reference: PS3.5 section 6.2, DA
struct CalendarDay: Equatable, Comparable {
    /// Days since an arbitrary day.
    let number: Int

    init?(_ text: String) {
        guard text.utf8.count == 8, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let digits = Int(text) else {
            return nil
        }
        var components = DateComponents()
        (components.year, components.month, components.day) = (digits / 10_000, digits / 100 % 100, digits % 100)
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? calendar.timeZone
        guard components.isValidDate(in: calendar), let date = calendar.date(from: components) else { return nil }
        number = Int((date.timeIntervalSinceReferenceDate / 86_400).rounded(.down))
    }

    static func < (a: Self, b: Self) -> Bool { a.number < b.number }
}
