import DICOM
import DualEnergyCT
import Foundation
import Report
import StudyAssembly

/// A segmentation that a reader reviewed, read for a measurement on its contours.
///
/// Whoever edited it may have given it new UIDs, another manufacturer, more or fewer segments. What counts are the
/// segments of the types that Apatite writes for deposits; bone, excluded regions and all others are passed over.
struct ReviewedSegmentation {
    let contours: ReviewedContours
    /// Its digest covers the contours, what they are called and who drew them.
    var review: ContourReview
    /// Whether it is as an Apatite elsewhere wrote it: its manufacturer is ours, and so is the form of its name, which no
    /// editor gives.
    private let isAnotherInstallations: Bool

    /// Largest file that is read, in bytes: fifty segments in each of a thousand slices.
    static let sizeLimit = 2 << 30

    /// - Throws: `ContourRefusal` that says what is wrong with it and what to do.
    init(path: String, for acquisition: DualEnergyAcquisition) throws(ContourRefusal) {
        let object = try Self.object(path)
        try Self.check(object, against: acquisition)
        let segments = Self.deposits(in: object)
        guard !segments.isEmpty else { throw .noDepositSegment }
        let (labels, counts) = try Self.labels(of: object, segments, on: acquisition.pair.low.geometry)
        // Segments without a voxel are deposits that the reader removed: the others move up.
        let kept = segments.indices.filter { counts[$0] > 0 }
        var number = [UInt16](repeating: 0, count: segments.count + 1)
        for (n, index) in kept.enumerated() { number[index + 1] = UInt16(n + 1) }
        let identities = Self.identities(of: segments, counts)
        contours = ReviewedContours(
            labels: Volume(geometry: labels.geometry, voxels: labels.voxels.map { number[Int($0)] }),
            identities: kept.map { identities[$0] }, names: Self.names(of: kept.map { segments[$0] }))
        var review = ContourReview(
            segmentation: DocumentReference(
                sopClassUID: SOPClass.segmentation, sopInstanceUID: object.uid(.sopInstanceUID) ?? "",
                seriesInstanceUID: object.uid(.seriesInstanceUID) ?? ""),
            readerName: Self.reader(of: object))
        if let study = object.uid(.studyInstanceUID), study.rawValue != acquisition.low.slices[0].studyInstanceUID {
            review.studyInstanceUID = study
        }
        review.digest = Self.digest(contours, review)
        self.review = review
        isAnotherInstallations =
            object.string(.manufacturer) == "Apatite project"
            && object.uid(.sopInstanceUID).map(Self.isDerived) == true && review.readerName == nil
    }

    /// A UID as ours are derived from content: a UUID of version 8.
    ///
    /// Reference: PS3.5 section B.2, RFC 9562 section 5.8
    private static func isDerived(_ uid: UID) -> Bool {
        guard uid.rawValue.hasPrefix("2.25."), let value = UInt128(uid.rawValue.dropFirst(5)) else { return false }
        return value >> 76 & 0xF == 8 && value >> 62 & 3 == 2
    }

    /// What a reader sent for a job.
    ///
    /// - Throws: `ContourRefusal`, `ownContours` when they are what we wrote under the same name.
    static func read(
        _ path: String, for job: AnalysisJob, _ acquisition: DualEnergyAcquisition
    ) throws(ContourRefusal) -> ReviewedSegmentation {
        let reviewed = try ReviewedSegmentation(path: path, for: acquisition)
        // What a person names on the command line was looked at by one.
        guard job.closingSignal == .reviewedContours else { return reviewed }
        if job.ownSegmentation == nil, reviewed.isAnotherInstallations { throw .ownContours }
        if let own = job.ownSegmentation,
            let written = try? ReviewedSegmentation(path: own, for: acquisition), written.contours == reviewed.contours
        {
            throw .ownContours
        }
        return reviewed
    }

    /// One deposit as a segment describes it.
    private struct Segment {
        var number: Int
        var trackingUID: String?
        var trackingID: String?
    }

    // MARK: - The object

    private static func object(_ path: String) throws(ContourRefusal) -> DataSet {
        let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int
        guard let size else { throw .unreadable("it is not there") }
        guard size <= sizeLimit else { throw .tooLarge("\(size >> 20) MB") }
        do {
            return try DataSet(contentsOf: path)
        } catch {
            if error.code == .limitExceeded { throw .tooLarge(error.message) }
            throw .unreadable(error.message)
        }
    }

    private static func check(
        _ object: DataSet, against acquisition: DualEnergyAcquisition
    ) throws(ContourRefusal) {
        guard object.uid(.sopClassUID) == SOPClass.segmentation else { throw .noSegmentation }
        // Both are written into the report.
        guard object.uid(.sopInstanceUID)?.isValid == true, object.uid(.seriesInstanceUID)?.isValid == true else {
            throw .unreadable("its UIDs are not valid")
        }
        guard object.string(.segmentationType) == "BINARY" else { throw .notBinary }
        guard let image = acquisition.low.slices.first else { throw .otherImages }
        let named = referenced(by: object)
        let analysed = Set((acquisition.low.slices + acquisition.high.slices).map(\.sopInstanceUID))
        // Some editors open a study of their own for what they draw. It belongs to the images that it names, if it is
        // surely of the same patient.
        let isOfStudy = object.string(.studyInstanceUID) == image.studyInstanceUID
        guard isOfStudy || !named.isDisjoint(with: analysed) else { throw .otherStudy }
        let patient = object.string(.patientID)
        guard patient == image.patientID || (patient == nil && isOfStudy) else { throw .otherPatient }
        guard object.string(.frameOfReferenceUID) == image.frameOfReferenceUID else { throw .otherFrame }
        // An editor may leave the references out: the frame of reference and the grid stand for them.
        guard named.isEmpty || !named.isDisjoint(with: analysed) else { throw .otherImages }
    }

    /// Source images of the whole and of each frame.
    private static func referenced(by object: DataSet) -> Set<String> {
        let series = object.items(.referencedSeriesSequence).flatMap { $0.items(.referencedInstanceSequence) }
        let frames = object.items(.perFrameFunctionalGroupsSequence).flatMap { $0.items(.derivationImageSequence) }
            .flatMap { $0.items(.sourceImageSequence) }
        return Set((series + frames).compactMap { $0.string(.referencedSOPInstanceUID) })
    }

    // MARK: - Segments

    /// In the order of their numbers.
    private static func deposits(in object: DataSet) -> [Segment] {
        object.items(.segmentSequence).compactMap { item -> Segment? in
            guard let number = item.integer(.segmentNumber), number > 0,
                let type = item.codedConcept(.segmentedPropertyTypeCodeSequence), isDeposit(type)
            else { return nil }
            return Segment(
                number: number, trackingUID: item.string(.trackingUID).flatMap { UID(validating: $0)?.rawValue },
                trackingID: item.string(.trackingID))
        }.sorted { $0.number < $1.number }
    }

    /// Types that deposits have in our own segmentations, in SNOMED CT and in the SRT codes that older editors write.
    private static func isDeposit(_ type: CodedConcept) -> Bool {
        let ours = [Code.calcification, .uricAcid, .indeterminateDeposit].map(\.concept)
        return ours.contains { $0.value == type.value && $0.scheme == type.scheme }
            || (["SRT", "SNM3"].contains(type.scheme) && ["M-55420", "F-61470"].contains(type.value))
    }

    private static func labels(
        of object: DataSet, _ segments: [Segment], on grid: GridGeometry
    ) throws(ContourRefusal) -> (labels: Volume<UInt16>, counts: [Int]) {
        guard segments.count <= ReviewedContours.limit else { throw .tooLarge("\(segments.count) deposits") }
        let places = Dictionary(
            segments.indices.map { (segments[$0].number, $0) }, uniquingKeysWith: { first, _ in first })
        guard places.count == segments.count else { throw .unreadable("two segments have one number") }
        var labels = Volume<UInt16>(geometry: grid, repeating: 0)
        var counts = [Int](repeating: 0, count: segments.count)
        var shared: (first: Int, second: Int)?
        do throws(BinarySegmentation.Misfit) {
            try BinarySegmentation(object: object).forEachVoxel(on: grid) { segment, voxel in
                guard let place = places[segment] else { return }
                let other = Int(labels.voxels[voxel])
                if other == 0 {
                    labels.voxels[voxel] = UInt16(place + 1)
                    counts[place] += 1
                } else if other != place + 1 {
                    shared = shared ?? (segments[other - 1].number, segment)
                }
            }
        } catch {
            throw .misfit(error)
        }
        if let shared { throw .overlap(shared.first, shared.second) }
        return (labels, counts)
    }

    /// Tracking UIDs; of the parts of a split lesion the largest keeps it.
    private static func identities(of segments: [Segment], _ counts: [Int]) -> [String?] {
        var keeper: [String: Int] = [:]
        for (n, segment) in segments.enumerated() {
            guard let uid = segment.trackingUID, counts[n] > keeper[uid].map({ counts[$0] }) ?? 0 else { continue }
            keeper[uid] = n
        }
        return segments.indices.map { n in segments[n].trackingUID.flatMap { keeper[$0] == n ? $0 : nil } }
    }

    /// Names in the form that ours have, each once: an editor's own may hold anything, also a patient's name.
    private static func names(of segments: [Segment]) -> [String?] {
        var taken = Set<String>()
        return segments.map { segment in
            guard let name = segment.trackingID, segment.trackingUID != nil,
                name.wholeMatch(of: /(?:#|(?:[RL]-)?(?:[DM][1-5]-|CT-)?)[0-9]{1,5}/) != nil
            else { return nil }
            return taken.insert(name).inserted ? name : nil
        }
    }

    /// A person, as far as can be told: not nobody, and not ourselves.
    private static func reader(of object: DataSet) -> String? {
        guard let name = object.string(.contentCreatorName) else { return nil }
        let words = name.filter { $0 != "^" && $0 != "=" }
        guard !words.isEmpty, words.lowercased() != "apatite" else { return nil }
        let letters = name.unicodeScalars.filter { $0.properties.generalCategory != .control && $0 != "\\" }
        return String(String(String.UnicodeScalarView(letters)).prefix(64))
    }

    private static func digest(_ contours: ReviewedContours, _ review: ContourReview) -> String {
        let hash = SHA256()
        let names = zip(contours.identities, contours.names).map { "\($0 ?? "") \($1 ?? "")" }
        hash.update(Array("\(review.readerName ?? "")\n\(names.joined(separator: "\n"))\n".utf8))
        // Runs of equal labels: a mostly empty volume is a few of them.
        var (start, label) = (0, UInt16(0))
        for (n, value) in contours.labels.voxels.enumerated() where value != label {
            hash.update(Array("\(start) \(n) \(label)\n".utf8))
            (start, label) = (n, value)
        }
        hash.update(Array("\(start) \(contours.labels.voxels.count) \(label)\n".utf8))
        return SHA256.hexadecimal(hash.digest())
    }
}
