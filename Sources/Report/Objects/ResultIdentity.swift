import DICOM
import DualEnergyCT

/// The identifiers of one report's objects, derived from everything their content depends on.
///
/// The same input, configuration, language, algorithm and closing give the same UIDs and the same bytes; with anything
/// changed all of them are new.
struct ResultIdentity {
    private let content: [UInt8]
    private let lesions: [UInt8]
    private let installation: [UInt8]

    init(source: ReportSource, findings: Findings) {
        // The numbers follow from the inputs; they are taken in as well so that no two objects of different content
        // can ever share a UID.
        self.init(
            source: source, calibration: findings.trust.calibration.rawValue,
            content: [
                "findings": "\(findings.trust) \(findings.deposits) \(String(describing: findings.totals))",
                "statements": "\(String(describing: findings.urate)) \(findings.exclusions)",
                "regions": "\(findings.regions) \(findings.boneDensity) \(findings.palms)",
                "bones": "\(String(describing: findings.boneFlags)) \(String(describing: findings.otherMineral))",
                "comparison": String(describing: findings.comparison),
                "limits": "\(findings.radiographicScores) \(String(describing: findings.detectionLimits))",
            ])
    }

    /// - Parameters:
    ///   - calibration: what the numbers rest on.
    ///   - content: named texts that hold what the objects say.
    init(source: ReportSource, calibration: String, content: [String: String] = [:]) {
        var inputs = Fingerprint()
        inputs.add("study", source.header.string(.studyInstanceUID) ?? "")
        for series in [source.low, source.high] {
            inputs.add("series", series.seriesInstanceUID.rawValue)
            for slice in series.slices {
                inputs.add("instance", slice.sopInstanceUID.rawValue)
                if let frame = slice.frameNumber { inputs.add("frame", "\(frame)") }
            }
        }
        inputs.add("version", source.algorithmVersion)
        inputs.add("configuration", source.configurationDigest)
        inputs.add("calibration", "\(calibration) \(source.calibrationDigest)")
        // A lesion that a reader drew is none of those that were found under the same name.
        if let review = source.review {
            inputs.add("review", "\(review.segmentation) \(review.digest) \(review.readerName ?? "")")
        }
        lesions = inputs.digest

        var device = Fingerprint()
        device.add("installation", source.installationSerial)
        device.add("version", source.algorithmVersion)
        device.add("configuration", source.configurationDigest)
        device.add("calibration", "\(calibration) \(source.calibrationDigest)")
        installation = device.digest

        var all = inputs
        all.add("region", "\(source.region) \(source.laterality) \(source.sliceThicknessMm)")
        all.add("beams", "\(source.low.beam) \(source.high.beam)")
        all.add("installation", source.installationSerial)
        all.add("series numbers", "\(source.firstSeriesNumber)")
        all.add("language", "\(source.language.rawValue) \(source.secondLanguage?.rawValue ?? "")")
        all.add("identity on pictures", "\(source.identityOnPictures)")
        all.add("revision", "\(source.revision)")
        all.add("closing", "\(source.closing.signal.rawValue) \(source.closing.date) \(source.closing.time)")
        all.add("predecessor", source.predecessor?.sopInstanceUID.rawValue ?? "")
        all.add("predecessor said", String(describing: source.predecessorSummary))
        all.add("prior", String(describing: source.prior))
        all.add("kept contours", "\(source.review?.isKept ?? false) \(source.review?.studyInstanceUID?.rawValue ?? "")")
        all.add("unused contours", source.unusedContours.map { "\($0.origin) \($0.obstacle)" } ?? "")
        if source.keepsEdges { all.add("edge-keeping mean", "true") }
        all.add("prior search", source.priorSearchFailure?.rawValue ?? "")
        for (name, text) in content.sorted(by: { $0.key < $1.key }) { all.add(name, text) }
        all.add(header: source.header, tags: CopiedAttributes.tags(of: source.header))
        self.content = all.digest
    }

    /// A UID for one object, series or reference within the report; `role` tells them apart.
    func uid(_ role: String) -> UID { Self.derive(content, role) }

    /// Tracking Unique Identifier: the lesion's own where it was known before, which is the one that its first report
    /// gave it; else one that stays the same over revisions that only restate the same acquisition.
    func trackingUID(_ identifier: String, identity: String? = nil) -> UID {
        guard let identity else { return Self.derive(lesions, "tracking \(identifier)") }
        return UID(validating: identity) ?? UID.derived(from: SHA256.digest(of: Array("lesion \(identity)".utf8)))
    }

    /// Device UID: changes with installation, algorithm version, calibration and configuration.
    var deviceUID: UID { Self.derive(installation, "device") }

    private static func derive(_ digest: [UInt8], _ role: String) -> UID {
        UID.derived(from: SHA256.digest(of: digest + Array(role.utf8)))
    }
}

/// A digest of named texts; each carries its length, so that no two lists of texts look alike.
struct Fingerprint {
    private let hash = SHA256()

    mutating func add(_ name: String, _ text: String) {
        hash.update(Array("\(name) \(text.utf8.count) \(text)\n".utf8))
    }

    mutating func add(header: DataSet, tags: [Tag]) {
        for tag in tags {
            add("\(tag)", header.strings(tag).joined(separator: "\\"))
            for item in header.items(tag) { add(header: item, tags: item.tags) }
        }
    }

    var digest: [UInt8] { hash.digest() }
}
