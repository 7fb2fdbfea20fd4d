/// Deposits as a reader drew them: measured as they are, in place of the deposits that the core would have found.
public struct ReviewedContours: Sendable, Equatable {
    /// On the grid of the low-energy image: 0, or n for contour n, from 1. A contour may be in several pieces.
    public var labels: Volume<UInt16>
    /// What `Deposit.identity` of contour n is to be, at n - 1; nil for a lesion that has none yet. No two are the same.
    public var identities: [String?]
    /// What reports call the lesion, alike; nil for one without a name. No two are the same.
    public var names: [String?]

    /// Contours that one study may have: each gets a label of 16 bits.
    public static let limit = 10_000

    /// - Precondition: every contour has a voxel, no label is beyond the identities, and there are at most `limit`.
    /// - Parameter names: as many as there are identities; empty for none.
    public init(labels: Volume<UInt16>, identities: [String?], names: [String?] = []) {
        precondition(identities.count <= Self.limit, "at most \(Self.limit) contours")
        precondition(names.isEmpty || names.count == identities.count, "a name or nil for each contour")
        self.labels = labels
        self.identities = identities
        self.names = names.isEmpty ? identities.map { _ in nil } : names
    }

    /// The body's box widened to hold every contour: what a reader drew in the air beside it is measured there.
    func box(around body: VoxelBox) -> VoxelBox {
        guard let own = labels.box(margins: SIMD3(2, 2, 1), where: { $0 != 0 }) else { return body }
        func union(_ a: Range<Int>, _ b: Range<Int>) -> Range<Int> {
            min(a.lowerBound, b.lowerBound)..<max(a.upperBound, b.upperBound)
        }
        return VoxelBox(
            columns: union(own.columns, body.columns), rows: union(own.rows, body.rows),
            slices: union(own.slices, body.slices))
    }
}

extension SegmentationResult {
    /// Mineral of one piece that was found and that no contour holds.
    package struct LeftOut {
        package var voxels: [Int]
        /// No contour holds any of the piece.
        package var isWhole: Bool
    }

    /// The same with a reader's contours as the deposits, also where they overlap bone.
    ///
    /// Mineral that was found and that no contour holds stays mineral for its neighbours' measurement, so that it is
    /// neither their tissue nor their mass.
    func reviewed(_ contours: Volume<UInt16>, count: Int) -> (result: SegmentationResult, leftOut: [LeftOut]) {
        var result = self
        var leftOut = [LeftOut](repeating: LeftOut(voxels: [], isWhole: true), count: componentCount + 1)
        for (n, contour) in contours.voxels.enumerated() {
            let component = Int(componentIndex.voxels[n])
            result.componentIndex.voxels[n] = contour
            if contour != 0 {
                result.labels.voxels[n] = TissueLabel.deposit
                leftOut[component].isWhole = false
            } else if component != 0 {
                leftOut[component].voxels.append(n)
            }
        }
        result.componentCount = count
        return (result, leftOut.dropFirst().filter { !$0.voxels.isEmpty })
    }
}

extension [Exclusion] {
    /// Counts one more region of a cause.
    mutating func add(_ cause: Exclusion.Cause, volumeMm3: Double) {
        if let n = firstIndex(where: { $0.cause == cause }) {
            self[n].count += 1
            self[n].volumeMm3 += volumeMm3
        } else {
            append(Exclusion(cause: cause, count: 1, volumeMm3: volumeMm3))
        }
    }
}

extension Findings {
    /// Gives each deposit the identity and the name that its contour came with, whatever a comparison made of it: the
    /// reader says which lesion it is. No other deposit keeps the same.
    mutating func keepIdentities(of contours: ReviewedContours) {
        let given = Set(contours.identities.compactMap { $0 })
        let names = Set(contours.names.compactMap { $0 })
        for n in deposits.indices {
            guard let contour = deposits[n].contour else { continue }
            if let other = deposits[n].identity, given.contains(other) { deposits[n].identity = nil }
            if let other = deposits[n].priorName, names.contains(other) { deposits[n].priorName = nil }
            if let identity = contours.identities[contour - 1] { deposits[n].identity = identity }
            if let name = contours.names[contour - 1] { deposits[n].priorName = name }
        }
    }
}
