package import Foundation

extension Date {
    /// Date and time as DICOM writes them, to the second: YYYYMMDD and HHMMSS.
    ///
    /// - Parameter offset: the scanner's Timezone Offset From UTC (`+0100`), which the results copy and which then
    ///   holds for their own times too; without one, times are this machine's local ones.
    ///
    /// Reference: PS3.5 section 6.2, DA and TM; PS3.3 section C.12.1.1.8
    package func dicomDateAndTime(offset: String? = nil) -> (date: String, time: String) {
        var seconds = time_t(timeIntervalSince1970.rounded(.down))
        var local = tm()
        if let offset, let minutes = Self.minutes(offset) {
            seconds += minutes * 60
            gmtime_r(&seconds, &local)
        } else {
            localtime_r(&seconds, &local)
        }
        func digits(_ value: Int32, _ count: Int) -> String {
            let text = String(value)
            return String(repeating: "0", count: max(0, count - text.count)) + text
        }
        return (
            digits(local.tm_year + 1900, 4) + digits(local.tm_mon + 1, 2) + digits(local.tm_mday, 2),
            digits(local.tm_hour, 2) + digits(local.tm_min, 2) + digits(local.tm_sec, 2)
        )
    }

    private static func minutes(_ offset: String) -> Int? {
        let digits = offset.dropFirst().compactMap(\.wholeNumberValue)
        guard offset.count == 5, digits.count == 4, let sign = offset.first, sign == "+" || sign == "-" else {
            return nil
        }
        let minutes = (digits[0] * 10 + digits[1]) * 60 + digits[2] * 10 + digits[3]
        return sign == "-" ? -minutes : minutes
    }
}
