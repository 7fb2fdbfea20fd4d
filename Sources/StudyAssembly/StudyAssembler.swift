import DualEnergyCT

/// From files to the fate of their study, and to a validated acquisition where it has one.
public struct StudyAssembler: Sendable {
    public var rules: VendorRules
    public var maximumFiles: Int
    /// Most voxels of one energy.
    public var maximumVoxels: Int
    /// Which dual-energy studies are for us; nil means all.
    public var eligibility: (@Sendable (Examination) -> Bool)?
    /// Most voxels of one energy that are kept in memory: of all, or of those around the body.
    public var maximumKeptVoxels = Int.max
    /// Of the images only the part around the body is kept. What lies beyond it is air and table.
    public var cropsToBody = false
    /// Called with the number of voxels of one energy that will be kept, before any memory is taken for them.
    public var beforeReading: (@Sendable (Int) -> Void)?
    /// The images show a test object, not a patient: bone and soft tissue are not asked for.
    public var isTestObject = false

    public init(
        rules: VendorRules = .standard, maximumFiles: Int = 20_000, maximumVoxels: Int = 1 << 30,
        eligibility: (@Sendable (Examination) -> Bool)? = nil
    ) {
        self.rules = rules
        self.maximumFiles = maximumFiles
        self.maximumVoxels = maximumVoxels
        self.eligibility = eligibility
    }

    /// The study's fate, and its Study Instance UID when all objects agree on one.
    public func assemble(
        _ inputs: [String], progress: (Double) -> Void = { _ in }
    ) -> (fate: StudyFate, studyInstanceUID: String?) {
        var study: String?
        do {
            let files = try StudyFiles(inputs: inputs, maximumCount: maximumFiles)
            progress(0.1)
            let studies = Set(files.headers.map(\.studyInstanceUID))
            if studies.count == 1, let only = studies.first, !only.isEmpty { study = only }
            let choice = try choose(files)
            switch choice {
            case .leftAlone(let reason): return (.leftAlone(reason), study)
            case .grid(let grid):
                var acquisition = try read(grid) { progress(0.1 + 0.9 * $0) }
                let foreign = files.headers.filter { $0.manufacturer != ownManufacturer }
                acquisition.seriesNumbers = Set(foreign.compactMap(\.seriesNumber))
                return (.analysable(acquisition), study)
            }
        } catch {
            return (.setAside(error.reasons), study)
        }
    }

    package enum Choice {
        case leftAlone(FateReason)
        case grid(CommonGrid)
    }

    /// All decisions that need headers only.
    func choose(_ files: StudyFiles) throws(SetAside) -> Choice {
        guard files.fileCount > 0 else {
            throw SetAside(.noFiles, "There are no files.", remedy: "Name a folder that holds a study.")
        }
        guard !files.headers.isEmpty else {
            guard files.failures.isEmpty else { throw SetAside(files.reasons) }
            throw SetAside(.notDICOM, "None of the files is DICOM.", remedy: "Name a folder that holds a study.")
        }
        do {
            return try choose(files.headers)
        } catch {
            // A file that cannot be read may be the very slice that is missing.
            throw SetAside(files.reasons + error.reasons)
        }
    }

    package func choose(_ all: [ImageHeader]) throws(SetAside) -> Choice {
        let kinds = all.map { ImageKind(of: $0, rules: rules) }
        let foreign = zip(all, kinds).filter { $0.1 != .own }.map(\.0)
        guard !foreign.isEmpty else {
            return .leftAlone(FateReason(.ownResults, "The study holds only Apatite's own results."))
        }
        let identity = StudyIdentity.check(foreign)
        guard identity.isEmpty else { throw SetAside(identity) }

        let sources = try StudyIdentity.withoutCopies(zip(all, kinds).filter { $0.1 == .source }.map(\.0))
        let others = zip(all, kinds).filter { $0.1 != .source && $0.1 != .own }.map(\.0)
        let sane = sources.filter { ImageSanity.check($0) == nil }
        let insane = Self.distinct(sources.compactMap(ImageSanity.check))
        let stacks = SliceStack.group(sane, rules: rules)

        switch PairChoice(among: stacks, others: others, rules: rules) {
        case .singleEnergy:
            guard sane.isEmpty, !insane.isEmpty else {
                return .leftAlone(
                    sources.isEmpty
                        ? FateReason(.noCTImages, "The study holds no CT images that could be analysed.")
                        : FateReason(.singleEnergy, "The study has a single energy."))
            }
            throw SetAside(insane)
        case .setAside(let reasons):
            if let reason = ineligible(sources) { return .leftAlone(reason) }
            throw SetAside(insane + reasons)
        case .pair(let low, let high):
            if let reason = ineligible(low.headers) { return .leftAlone(reason) }
            guard insane.isEmpty else { throw SetAside(insane) }
            return .grid(try CommonGrid(low: low, high: high, maximumVoxels: maximumVoxels))
        }
    }

    private func ineligible(_ headers: [ImageHeader]) -> FateReason? {
        guard let eligibility, let header = headers.first else { return nil }
        let examination = Examination(header)
        guard !eligibility(examination) else { return nil }
        return FateReason(
            .notEligible,
            "The site's rules choose neither this region (\(examination.region.rawValue)) nor this protocol.")
    }

    /// One reason of each code: hundreds of slices are wrong in the same way.
    private static func distinct(_ reasons: [FateReason]) -> [FateReason] {
        var seen: Set<FateReason.Code> = []
        return reasons.filter { seen.insert($0.code).inserted }
    }

    private func read(_ grid: CommonGrid, progress: (Double) -> Void) throws(SetAside) -> DualEnergyAcquisition {
        let lowClaim = EnergyClaim(of: grid.low[0], rules: rules)
        let highClaim = EnergyClaim(of: grid.high[0], rules: rules)
        guard let lowBeam = lowClaim.beam, let highBeam = highClaim.beam else {
            preconditionFailure("a pair is chosen by its beams")
        }
        var done = 0.0
        let total = Double(grid.low.count + grid.high.count)
        func step() {
            done += 1
            progress(done / total)
        }
        let low = SliceStack(claim: lowClaim, headers: grid.low)
        let high = SliceStack(claim: highClaim, headers: grid.high)
        let readers = (VolumeReader(low, geometry: grid.geometry), VolumeReader(high, geometry: grid.geometry))
        let box = try cropsToBody ? bodyBox(of: grid, readers) : grid.geometry.box
        let part = grid.geometry.cropped(to: box)
        guard part.voxelCount <= maximumKeptVoxels else {
            throw SetAside(
                .overLimit,
                "\(part.columns) x \(part.rows) x \(part.slices) voxels are more than the \(maximumKeptVoxels) that "
                    + "the memory has room for.",
                remedy: "Raise the limit of memory, or reconstruct a smaller field.")
        }
        beforeReading?(part.voxelCount)
        let pair = DualEnergyPair(
            low: try readers.0.read(box, progress: step), high: try readers.1.read(box, progress: step),
            lowBeam: lowBeam, highBeam: highBeam,
            sliceThicknessMm: grid.low[0].sliceThickness ?? grid.geometry.sliceSpacingMm,
            region: BodyRegion(of: grid.low[0]), laterality: Laterality(of: grid.low + grid.high))
        let agreement = PhysicsAgreement(measuring: pair)
        let objections = agreement.objections(to: pair, isTestObject: isTestObject)
        guard objections.isEmpty else { throw SetAside(objections) }
        var acquisition = DualEnergyAcquisition(
            pair: pair, low: series(grid.low, beam: lowBeam), high: series(grid.high, beam: highBeam),
            kernel: grid.low[0].kernel, contrastAgent: Self.contrastAgents(of: grid.low + grid.high),
            agreement: agreement)
        acquisition.grid = grid.geometry
        acquisition.box = box
        return acquisition
    }

    /// Air around the body in mm: room for what moved between the energies, and for the air's own CT number.
    private static let airMm = 15.0

    /// The columns and rows around all that either energy shows denser than air, of all slices; everything when that
    /// is nothing. Only what is a thousand times smaller than the body is left out: speckles of air.
    private func bodyBox(of grid: CommonGrid, _ readers: (VolumeReader, VolumeReader)) throws(SetAside) -> VoxelBox {
        let g = grid.geometry
        let strides = OutlineStrides(g)
        func count(_ count: Int, _ stride: Int) -> Int { (count + stride - 1) / stride }
        let coarse = GridGeometry(
            columns: count(g.columns, strides.columns), rows: count(g.rows, strides.rows),
            slices: count(g.slices, strides.slices), columnSpacingMm: g.columnSpacingMm, rowSpacingMm: g.rowSpacingMm,
            sliceSpacingMm: g.sliceSpacingMm)
        var tissue = Volume<UInt8>(geometry: coarse, repeating: 0)
        try readers.0.addTissue(to: &tissue, strides)
        try readers.1.addTissue(to: &tissue, strides)
        let steps = (strides.columns, strides.rows, strides.slices)
        var box = BodyBox.around(tissue, strides: steps, of: g, leastShare: 1000, marginMm: Self.airMm) ?? g.box
        // An even start: whoever samples every second voxel meets the same ones.
        box.columns = (box.columns.lowerBound & ~1)..<box.columns.upperBound
        box.rows = (box.rows.lowerBound & ~1)..<box.rows.upperBound
        box.slices = 0..<g.slices
        return box
    }

    /// All that any image names: an agent given in between stands in some of them only.
    static func contrastAgents(of headers: [ImageHeader]) -> String {
        Set(headers.map(\.contrastAgent)).subtracting([""]).sorted().joined(separator: "/")
    }

    private func series(_ slices: [ImageHeader], beam: BeamQuality) -> AcquiredSeries {
        AcquiredSeries(
            seriesInstanceUID: slices[0].seriesInstanceUID, seriesNumber: slices[0].seriesNumber, beam: beam,
            slices: slices)
    }
}
