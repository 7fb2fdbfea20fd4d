internal import Foundation
internal import TOMLKit

extension ApatiteConfiguration {
    /// Where the package installs the configuration.
    public static let standardPath = "/etc/apatite/apatite.toml"

    /// Reads the file and then, in the order of their names, the drop-ins `PATH.d/*.toml`: a later value replaces an
    /// earlier one, later sources and destinations are added.
    /// - Throws: `ConfigurationError` with everything that is wrong.
    public static func read(path: String = standardPath) throws -> ApatiteConfiguration {
        var configuration = ApatiteConfiguration()
        var problems: [ConfigurationError.Problem] = []
        for file in [path] + dropIns(of: path) {
            guard let data = FileManager.default.contents(atPath: file) else {
                problems.append(
                    .init(file: file, line: nil, message: "cannot be read: create it, or check who may read it."))
                continue
            }
            problems += configuration.apply(String(decoding: data, as: UTF8.self), file: file)
        }
        problems += configuration.contradictions(file: path)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    /// For tests and examples: one text, no drop-ins.
    package static func parse(_ text: String, file: String = "apatite.toml") throws -> ApatiteConfiguration {
        var configuration = ApatiteConfiguration()
        let problems = configuration.apply(text, file: file) + configuration.contradictions(file: file)
        guard problems.isEmpty else { throw ConfigurationError(problems: problems) }
        return configuration
    }

    private static func dropIns(of path: String) -> [String] {
        let folder = path + ".d"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".toml") && !$0.hasPrefix(".") }.sorted().map { "\(folder)/\($0)" }
    }

    private mutating func apply(_ text: String, file: String) -> [ConfigurationError.Problem] {
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            return [
                .init(file: file, line: error.source.begin.line, message: "is not valid TOML: \(error.description)")
            ]
        } catch {
            return [.init(file: file, line: nil, message: "is not valid TOML: \(error)")]
        }
        let root = TableReader(table, path: "", file: file, lines: LineIndex(text))
        var problems: [ConfigurationError.Problem] = []
        func section(_ name: String, _ read: (TableReader) -> Void) {
            guard let reader = root.table(name) else { return }
            read(reader)
            problems += reader.finish()
        }
        section("service") { readService($0) }
        section("completion") { readCompletion($0) }
        section("eligibility") { readEligibility($0) }
        section("limits") { readLimits($0) }
        section("analysis") { reader in
            let check = { (text: String) in
                ["en", "fr", "both"].contains(text) ? nil : "must be \"en\", \"fr\" or \"both\""
            }
            if let value = reader.string("language", check) { analysis.language = value }
            if let value = reader.strings("maps", Self.checkMaps) { analysis.maps = value }
            let checkPaths = { (paths: [String]) in paths.lazy.compactMap(Self.checkPath).first }
            if let value = reader.strings("calibrations", checkPaths) { analysis.calibrations = value }
            if let value = reader.integer("first_series_number", in: 1000...900_000) {
                analysis.firstSeriesNumber = value
                if value % 1000 != 0 {
                    reader.complain("first_series_number", "analysis.first_series_number must be a multiple of 1000.")
                }
            }
        }
        section("picture") { reader in
            if let value = reader.bool("identity") { picture.identity = value }
        }
        section("priors") { reader in
            if let value = reader.bool("compare") { priors.compare = value }
            if let value = reader.string("query") { priors.query = value }
            let checkRetrieve = { (text: String) in
                Priors.Retrieve(rawValue: text) == nil ? "must be \"get\" or \"move\"" : nil
            }
            if let value = reader.string("retrieve", checkRetrieve) { priors.retrieve = .init(rawValue: value) ?? .get }
            if let value = reader.string("move_ae_title", Self.checkAETitle) { priors.moveAETitle = value }
            if let value = reader.integer("move_port", in: 1...65535) { priors.movePort = value }
            if let value = reader.integer("timeout_seconds", in: 1...3600) { priors.timeoutSeconds = value }
        }
        for reader in root.tables("sources") {
            readSource(reader)
            problems += reader.finish()
        }
        for reader in root.tables("destinations") {
            readDestination(reader)
            problems += reader.finish()
        }
        return problems + root.finish()
    }

    private mutating func readService(_ reader: TableReader) {
        if let value = reader.string("ae_title", Self.checkAETitle) { service.aeTitle = value }
        if let value = reader.bool("loopback_only") { service.loopbackOnly = value }
        if let value = reader.integer("port", in: 1...65535) { service.port = value }
        if let value = reader.string("state_folder", Self.checkPath) { service.stateFolder = Self.withoutSlash(value) }
        if let value = reader.string("worker", Self.checkPath) { service.worker = value }
        let checkSerial = { (text: String) in
            text.isEmpty || text.utf8.count > 64 ? "must have 1 to 64 characters" : nil
        }
        if let value = reader.string("installation_serial", checkSerial) { service.installationSerial = value }
    }

    private mutating func readCompletion(_ reader: TableReader) {
        if let value = reader.number("quiet_seconds", in: 0.1...86400) { completion.quietSeconds = value }
        if let value = reader.number("give_up_after_minutes", in: 0...43200) { completion.giveUpAfterMinutes = value }
    }

    private mutating func readEligibility(_ reader: TableReader) {
        if let value = reader.strings("calling_ae_titles") { eligibility.callingAETitles = value }
        if let value = reader.strings("body_parts", Self.checkBodyParts) { eligibility.bodyParts = value }
        if let value = reader.strings("protocols") { eligibility.protocols = value }
        if let value = reader.strings("procedure_codes") { eligibility.procedureCodes = value }
    }

    private mutating func readLimits(_ reader: TableReader) {
        if let value = reader.integer("associations", in: 1...1000) { limits.associations = value }
        if let value = reader.integer("disk_floor_megabytes", in: 0...10_000_000) { limits.diskFloorMegabytes = value }
        if let value = reader.integer("worker_memory_megabytes", in: 64...1_000_000) {
            limits.workerMemoryMegabytes = value
        }
        if let value = reader.integer("worker_processor_seconds", in: 1...604_800) {
            limits.workerProcessorSeconds = value
        }
        if let value = reader.integer("worker_wall_seconds", in: 1...604_800) { limits.workerWallSeconds = value }
        if let value = reader.integer("worker_attempts", in: 1...100) { limits.workerAttempts = value }
    }

    private mutating func readSource(_ reader: TableReader) {
        let host = reader.string("host", Self.checkNumericHost)
        guard let title = reader.string("ae_title", Self.checkAETitle) else {
            reader.complain(nil, "a source needs a valid ae_title: the calling AE Title of the scanner.")
            return
        }
        if sources.contains(where: { $0.aeTitle == title }) {
            reader.complain("ae_title", "there is a source \"\(title)\" already: an AE Title can have one entry.")
        }
        sources.append(Source(aeTitle: title, host: host))
    }

    private mutating func readDestination(_ reader: TableReader) {
        let name = reader.string("name") { $0.isEmpty ? "must not be empty" : nil }
        let host = reader.string("host") { $0.isEmpty ? "must not be empty" : nil }
        let port = reader.integer("port", in: 1...65535)
        let title = reader.string("ae_title", Self.checkAETitle)
        var destination = Destination(name: name ?? "", host: host ?? "", port: port ?? 0, aeTitle: title ?? "")
        destination.callingAETitle = reader.string("calling_ae_title", Self.checkAETitle)
        if let value = reader.strings("results", Self.checkResults) {
            destination.results = value.compactMap(ResultClass.init)
        }
        if let value = reader.bool("commitment") { destination.commitment = value }
        if let value = reader.number("commitment_answer_minutes", in: 0.01...10080) {
            destination.commitmentAnswerMinutes = value
        }
        if let value = reader.bool("rejection_notes") { destination.rejectionNotes = value }
        if let value = reader.number("retry_first_seconds", in: 0.1...86400) { destination.retryFirstSeconds = value }
        if let value = reader.number("retry_limit_seconds", in: 0.1...604_800) { destination.retryLimitSeconds = value }
        if let value = reader.number("timeout_seconds", in: 1...3600) { destination.timeoutSeconds = value }
        guard name != nil, host != nil, port != nil, title != nil else {
            reader.complain(nil, "a destination needs name, host, port and ae_title, each valid.")
            return
        }
        if destinations.contains(where: { $0.name == destination.name }) {
            reader.complain("name", "there is a destination \"\(destination.name)\" already: choose another name.")
        }
        destinations.append(destination)
    }

    /// What no single line is to blame for.
    private func contradictions(file: String) -> [ConfigurationError.Problem] {
        var problems = destinations.filter { $0.retryLimitSeconds < $0.retryFirstSeconds }.map {
            ConfigurationError.Problem(
                file: file, line: nil,
                message: "destination \"\($0.name)\": retry_limit_seconds is below retry_first_seconds: raise it.")
        }
        if !priors.query.isEmpty, !destinations.contains(where: { $0.name == priors.query }) {
            problems.append(
                .init(
                    file: file, line: nil,
                    message: "priors.query names \"\(priors.query)\", which is no destination: correct it, or add one "
                        + "with `results = []`."))
        }
        if priors.retrieve == .move, priors.movePort == service.port {
            problems.append(
                .init(
                    file: file, line: nil,
                    message: "priors.move_port is service.port: give the archive's answers a port of their own."))
        }
        return problems
    }

    /// PS3.5 section 6.2, AE: 1 to 16 characters of the default repertoire, no backslash or control character.
    private static func checkAETitle(_ text: String) -> String? {
        let isValid =
            (1...16).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != 0x5C }
            && text.first != " " && text.last != " "
        return isValid ? nil : "must be an AE Title: 1 to 16 ASCII characters, no backslash, no space at its ends"
    }

    private static func checkPath(_ text: String) -> String? {
        text.hasPrefix("/") ? nil : "must be an absolute path: begin it with /"
    }

    /// What the analysis tells apart. A misspelt part would leave its studies alone without a word.
    private static func checkBodyParts(_ parts: [String]) -> String? {
        let known = [
            "hand", "wrist", "forearm", "elbow", "shoulder", "foot", "ankle", "knee", "pelvis", "thigh", "other",
        ]
        guard let unknown = parts.first(where: { !known.contains($0) }) else { return nil }
        return "has \"\(unknown)\": known are \(known.joined(separator: ", "))"
    }

    private static func checkMaps(_ names: [String]) -> String? {
        names.first { ResultClass("maps:\($0)") == nil }.map { "has \"\($0)\": known are \(mapKinds)" }
    }

    private static func checkResults(_ classes: [String]) -> String? {
        if let unknown = classes.first(where: { ResultClass($0) == nil }) {
            return
                "has \"\(unknown)\": known are sr, seg, picture, maps and maps:KIND, where KIND is one of \(mapKinds)"
        }
        return Set(classes).count == classes.count ? nil : "names a class twice"
    }

    private static var mapKinds: String {
        ResultClass.mapKinds.joined(separator: ", ") + ", vmi:35 to vmi:200, each also with -sd"
    }

    private static func withoutSlash(_ path: String) -> String {
        var path = path[...]
        while path.count > 1, path.hasSuffix("/") { path.removeLast() }
        return String(path)
    }

    private static func checkNumericHost(_ text: String) -> String? {
        let isNumeric = !text.isEmpty && text.allSatisfy { $0.isHexDigit || $0 == "." || $0 == ":" }
        return isNumeric
            ? nil : "must be a numeric address such as 192.0.2.7: names are not resolved while a scanner waits"
    }
}
