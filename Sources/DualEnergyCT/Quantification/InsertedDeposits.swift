/// Balls of calcium put into a part of a study's own images, and what the segmentation makes of them there.
///
/// No model of noise, blur or rules: whatever keeps a real deposit of this size from being found keeps these. The part
/// is a slab that has bone, fat and muscle, so that one more segmentation costs little of the whole.
package struct InsertedDeposits {
    /// What a ball lies in, or stands on.
    enum Surroundings: CaseIterable { case fat, lean, bone }

    package struct Trial {
        var volumeMm3: Double
        var isFound: Bool

        package init(volumeMm3: Double, isFound: Bool) {
            self.volumeMm3 = volumeMm3
            self.isFound = isFound
        }
    }

    private struct Ball {
        var surroundings: Surroundings
        var volumeMm3: Double
        /// In mm from the part's voxel (0, 0, 0).
        var centre: SIMD3<Float>

        var radiusMm: Float { Float(cubeRoot(volumeMm3 * 3 / (4 * .pi))) }
    }

    /// Length of the slab in mm.
    private static let slabMm = 40.0
    /// Volumes that are tried, in mm3.
    package static let volumesMm3 = 0.5...60.0
    private static let ballsOfAKind = 20
    private static let attemptsForOne = 200
    /// From centre to centre in mm: further than the tissue around one is measured.
    private static let apartMm: Float = 8
    /// Tissue in mm between a ball and the skin, bone, and anything else that has a label.
    private static let skinMm: Float = 1.5
    private static let clearOfBoneMm: Float = 2
    private static let clearOfOthersMm: Float = 3
    private static let endMm = 6.0
    private static let fatFrom: Float = 0.6
    private static let leanUpTo: Float = 0.35
    /// Share of a resting ball's radius that is not sunk into the bone.
    private static let restingShare: Float = 0.8

    private let context: MeasurementContext
    private let box: VoxelBox
    private let labels: Volume<UInt8>
    private let fat: Volume<Float>
    private let balls: [Ball]

    /// Nil where nothing of the body is in the slab.
    init?(_ context: MeasurementContext) {
        self.context = context
        let slices = Self.slab(context.segmentation)
        let g = context.low.geometry
        var slab = g.box
        slab.slices = slices
        let body = context.segmentation.body.cropped(to: slab)
        let margin = SIMD3(Int(BodyBox.marginMm / g.columnSpacingMm), Int(BodyBox.marginMm / g.rowSpacingMm), 0)
        guard var box = body.box(margins: margin, where: { $0 != 0 }) else { return nil }
        box.slices = slices
        self.box = box
        labels = context.segmentation.labels.cropped(to: box)
        fat = context.segmentation.localFatFraction.cropped(to: box)
        balls = Self.placed(labels, fat: fat, skinMm: context.segmentation.distanceToSkinMm.cropped(to: box))
    }

    /// What became of the balls, by their surroundings.
    ///
    /// - Parameter input: of the segmentation that found the study's own deposits.
    func trials(_ input: SegmentationInput, minimumDepositMm3: Double) -> [Surroundings: [Trial]] {
        var part = input
        part.low = context.low.cropped(to: box)
        part.high = context.high.cropped(to: box)
        for ball in balls { insert(ball, into: &part) }
        let index = segment(part).componentIndex
        var sizes = [Int](repeating: 0, count: Int(UInt16.max) + 1)
        for component in index.voxels { sizes[Int(component)] += 1 }
        let voxelMm3 = index.geometry.voxelVolumeMm3
        var result: [Surroundings: [Trial]] = [:]
        for ball in balls {
            let near = Self.box(around: ball.centre, reachMm: max(0.7 * ball.radiusMm, 0.7), in: index.geometry)
            let isFound = index.cropped(to: near).voxels.contains { component in
                component > 0 && Double(sizes[Int(component)]) * voxelMm3 >= minimumDepositMm3
            }
            result[ball.surroundings, default: []].append(Trial(volumeMm3: ball.volumeMm3, isFound: isFound))
        }
        return result
    }

    // MARK: - Places

    /// The slices that are poor in none of bone, fat and lean tissue, measured by those that are richest in them.
    private static func slab(_ segmentation: SegmentationResult) -> Range<Int> {
        let g = segmentation.labels.geometry
        let length = min(g.slices, Int((slabMm / g.sliceSpacingMm).rounded(.up)))
        var counts = [[Int]](repeating: [Int](repeating: 0, count: g.slices), count: 3)
        let area = g.columns * g.rows
        for k in 0..<g.slices {
            for n in (k * area)..<((k + 1) * area) where segmentation.distanceToSkinMm.voxels[n] > skinMm {
                if segmentation.labels.voxels[n] == TissueLabel.bone {
                    counts[0][k] += 1
                } else if segmentation.localFatFraction.voxels[n] > fatFrom {
                    counts[1][k] += 1
                } else if segmentation.localFatFraction.voxels[n] < leanUpTo {
                    counts[2][k] += 1
                }
            }
        }
        let shares = counts.map { counts in
            let sums = (0...(g.slices - length)).map { counts[$0..<($0 + length)].reduce(0, +) }
            let most = Double(max(sums.max() ?? 0, 1))
            return sums.map { Double($0) / most }
        }
        let poorest = (0...(g.slices - length)).map { start in shares.map { $0[start] }.min() ?? 0 }
        let first = poorest.indices.max { poorest[$0] < poorest[$1] } ?? 0
        return first..<(first + length)
    }

    private static func placed(_ labels: Volume<UInt8>, fat: Volume<Float>, skinMm: Volume<Float>) -> [Ball] {
        let g = labels.geometry
        let bone: Volume<UInt8> = labels.map { $0 == TissueLabel.bone ? 1 : 0 }
        let others: Volume<UInt8> = labels.map { $0 == TissueLabel.bone || $0 == TissueLabel.none ? 0 : 1 }
        let toBone = bone.distanceMap(capMm: 6)
        let toOthers = others.squaredDistancesMm2(capMm: 6).map { $0.squareRoot() }
        let end = Int((endMm / g.sliceSpacingMm).rounded(.up))
        var eligible: [Surroundings: [Int]] = [:]
        for k in 0..<g.slices where k >= end && k < g.slices - end {
            for n in g.index(0, 0, k)..<g.index(0, 0, k + 1)
            where skinMm.voxels[n] > Self.skinMm && toOthers.voxels[n] > clearOfOthersMm {
                let squared = toBone.squaredMm2.voxels[n]
                if squared > clearOfBoneMm * clearOfBoneMm {
                    if fat.voxels[n] > fatFrom { eligible[.fat, default: []].append(n) }
                    if fat.voxels[n] < leanUpTo { eligible[.lean, default: []].append(n) }
                }
                if squared >= 2.25, squared <= 6.25 { eligible[.bone, default: []].append(n) }
            }
        }
        var balls: [Ball] = []
        // The rarest first: the others find room around.
        for kind in [Surroundings.bone, .fat, .lean] {
            place(kind, at: eligible[kind] ?? [], beside: &balls) { n, radius in
                guard skinMm.voxels[n] > Self.skinMm + radius, toOthers.voxels[n] > clearOfOthersMm + radius else {
                    return nil
                }
                if kind != .bone {
                    let isClear = toBone.squaredMm2.voxels[n].squareRoot() > clearOfBoneMm + radius
                    return isClear ? g.gridPosition(n) : nil
                }
                let surface = g.gridPosition(Int(toBone.nearest[n]))
                let way = g.gridPosition(n) - surface
                let normal = way / (way * way).sum().squareRoot()
                let halfVoxel = 0.5 * (normal * normal * g.spacingMm).sum()
                return surface + (halfVoxel + restingShare * radius) * normal
            }
        }
        return balls
    }

    /// Puts balls of one kind at places that jump over all that there are, whatever their order.
    private static func place(
        _ kind: Surroundings, at places: [Int], beside balls: inout [Ball],
        centre: (_ place: Int, _ radiusMm: Float) -> SIMD3<Float>?
    ) {
        let golden = 0.618_033_988_749_895
        let (least, most) = (volumesMm3.lowerBound, volumesMm3.upperBound)
        var attempt = 0
        for count in 0..<ballsOfAKind {
            // Sizes jump likewise, so that small and large ones lie everywhere.
            let size = fraction(0.5 + golden * Double(count))
            var ball = Ball(surroundings: kind, volumeMm3: least * power(most / least, size), centre: .zero)
            for _ in 0..<min(places.count, attemptsForOne) {
                attempt += 1
                let n = places[Int(fraction(0.5 + golden * Double(attempt)) * Double(places.count))]
                guard let found = centre(n, ball.radiusMm) else { continue }
                ball.centre = found
                let isApart = balls.allSatisfy { other in
                    let way = other.centre - ball.centre
                    return (way * way).sum() >= apartMm * apartMm
                }
                guard isApart else { continue }
                balls.append(ball)
                break
            }
        }
    }

    private static func fraction(_ x: Double) -> Double { x - x.rounded(.down) }

    // MARK: - Images

    /// The voxels around a place, up to a distance in mm from it along each axis.
    private static func box(around centre: SIMD3<Float>, reachMm: Float, in g: GridGeometry) -> VoxelBox {
        func range(_ axis: Int, _ count: Int) -> Range<Int> {
            let first = max(0, Int(((centre[axis] - reachMm) / g.spacingMm[axis]).rounded(.up)))
            let last = min(count - 1, Int(((centre[axis] + reachMm) / g.spacingMm[axis]).rounded(.down)))
            return first..<max(first, last + 1)
        }
        return VoxelBox(columns: range(0, g.columns), rows: range(1, g.rows), slices: range(2, g.slices))
    }

    /// Adds a ball as the scanner would blur it. Bone stays what it is.
    private func insert(_ ball: Ball, into part: inout SegmentationInput) {
        let g = part.low.geometry
        let reach = ball.radiusMm + Float(4 * max(context.pointSpreadSigmaMm, context.axialSigmaMm))
        let near = Self.box(around: ball.centre, reachMm: reach, in: g)
        let at = (ball.centre / g.spacingMm).rounded(.toNearestOrAwayFromZero)
        let (i, j, k) = (Int(at.x), Int(at.y), Int(at.z))
        let response = context.paths.response(
            i + box.columns.lowerBound, j + box.rows.lowerBound, k + box.slices.lowerBound)
        let around = Double(fat[i, j, k])
        func excess(_ response: BeamResponse) -> Float {
            let tissue = response.tissueHU(fatFraction: around)
            return Float(DetectionLimit.referenceMgPerCm3 * response.hydroxyapatite(inTissueAt: tissue))
        }
        let (low, high) = (excess(response.low), excess(response.high))
        var share = Volume<Float>(geometry: g.cropped(to: near), repeating: 0)
        for m in share.voxels.indices {
            let n = g.index(fromLocal: m, in: near)
            guard labels.voxels[n] != TissueLabel.bone else { continue }
            share.voxels[m] = volumeShare(of: g.gridPosition(n), in: ball, g.spacingMm)
        }
        // The blur as it was measured holds the voxels' own aperture, which the shares hold as well.
        func own(_ sigma: Double, _ spacing: Double) -> Double {
            max(sigma * sigma - spacing * spacing / 12, 0.01).squareRoot()
        }
        share = share.gaussianSmoothed(
            inPlaneMm: own(context.pointSpreadSigmaMm, g.columnSpacingMm),
            axialMm: own(context.axialSigmaMm, g.sliceSpacingMm))
        for m in share.voxels.indices {
            let n = g.index(fromLocal: m, in: near)
            part.low.voxels[n] += Int16((low * share.voxels[m]).rounded())
            part.high.voxels[n] += Int16((high * share.voxels[m]).rounded())
        }
    }

    /// Share of a voxel that a ball fills, from 64 points of it.
    private func volumeShare(of position: SIMD3<Float>, in ball: Ball, _ spacing: SIMD3<Float>) -> Float {
        let off = position - ball.centre
        let diagonal = 0.5 * (spacing * spacing).sum().squareRoot()
        let distance = (off * off).sum().squareRoot()
        if distance > ball.radiusMm + diagonal { return 0 }
        if distance < ball.radiusMm - diagonal { return 1 }
        var inside = 0
        for part in 0..<64 {
            let step = (SIMD3(Float(part % 4), Float(part / 4 % 4), Float(part / 16)) + 0.5) / 4 - 0.5
            let at = off + step * spacing
            if (at * at).sum() <= ball.radiusMm * ball.radiusMm { inside += 1 }
        }
        return Float(inside) / 64
    }
}
