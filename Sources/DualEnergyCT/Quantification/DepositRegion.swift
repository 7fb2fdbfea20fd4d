/// The surroundings of one deposit: a box of the volume with the distances that its measurement needs.
package struct DepositRegion {
    let geometry: GridGeometry
    /// Position of the box in the cropped volume.
    let box: VoxelBox
    let low: Volume<Int16>
    let high: Volume<Int16>
    /// 1 in the deposit.
    let mask: Volume<UInt8>
    let labels: Volume<UInt8>
    let skinMm: Volume<Float>
    let fatFraction: Volume<Float>
    /// Distances in mm between voxel centres: to the deposit, to other deposits, to bone.
    let toSelf: Volume<Float>
    let toOthers: Volume<Float>
    let toBone: DistanceMap
    /// Middle voxel of the deposit in the box.
    let centre: (Int, Int, Int)
    /// What a uniform deposit of this mask shows of its density at each voxel: the mask seen through the blur.
    let template: Volume<Float>

    /// What belongs to a deposit reaches as far as its blur: three standard deviations, at least 1 mm.
    let reachMm: Double
    /// How far beyond that its tissue is looked for.
    static let shellMm = 2.4
    private static let marginMm = 6.0
    /// Nearer to the surface the blur of air outweighs what else is there, in mm.
    static let skinMm = 1.2
    /// Skin itself, 1 to 2 mm thick, is not the tissue a deposit lies in.
    static let tissueDepthMm = 2.0

    /// - Parameter mask: set voxels of the deposit in the cropped volume, as linear indices.
    package init(voxels: [Int], context: MeasurementContext) {
        let full = context.low.geometry
        reachMm = max(1, 3 * max(context.pointSpreadSigmaMm, context.axialSigmaMm))
        box = Self.box(around: voxels, in: full, marginMm: Self.marginMm)
        low = context.low.cropped(to: box)
        high = context.high.cropped(to: box)
        geometry = low.geometry
        labels = context.segmentation.labels.cropped(to: box)
        skinMm = context.segmentation.distanceToSkinMm.cropped(to: box)
        fatFraction = context.segmentation.localFatFraction.cropped(to: box)
        var own = Volume<UInt8>(geometry: geometry, repeating: 0)
        for n in voxels {
            let (i, j, k) = (n % full.columns, n / full.columns % full.rows, n / (full.columns * full.rows))
            own[i - box.columns.lowerBound, j - box.rows.lowerBound, k - box.slices.lowerBound] = 1
        }
        mask = own
        let sum = voxels.reduce((0, 0, 0)) {
            ($0.0 + $1 % full.columns, $0.1 + $1 / full.columns % full.rows, $0.2 + $1 / (full.columns * full.rows))
        }
        centre = (
            sum.0 / voxels.count - box.columns.lowerBound, sum.1 / voxels.count - box.rows.lowerBound,
            sum.2 / voxels.count - box.slices.lowerBound
        )
        var others = Volume<UInt8>(geometry: geometry, repeating: 0)
        var bone = others
        for n in labels.voxels.indices {
            switch labels.voxels[n] {
            case TissueLabel.deposit where own.voxels[n] == 0: others.voxels[n] = 1
            case TissueLabel.bone: bone.voxels[n] = 1
            case TissueLabel.metal: others.voxels[n] = 1
            default: break
            }
        }
        toSelf = Self.roots(own.squaredDistancesMm2(capMm: 20))
        toOthers = Self.roots(others.squaredDistancesMm2(capMm: 20))
        toBone = bone.distanceMap(capMm: 20)
        template = context.blurred(Volume(geometry: geometry, voxels: own.voxels.map { Float($0) }))
    }

    private static func roots(_ squares: Volume<Float>) -> Volume<Float> {
        Volume(geometry: squares.geometry, voxels: squares.voxels.map { $0.squareRoot() })
    }

    private static func box(around voxels: [Int], in g: GridGeometry, marginMm: Double) -> VoxelBox {
        var (i0, i1, j0, j1, k0, k1) = (Int.max, 0, Int.max, 0, Int.max, 0)
        for n in voxels {
            let (i, j, k) = (n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            (i0, i1) = (min(i0, i), max(i1, i))
            (j0, j1) = (min(j0, j), max(j1, j))
            (k0, k1) = (min(k0, k), max(k1, k))
        }
        func range(_ first: Int, _ last: Int, _ spacing: Double, _ count: Int) -> Range<Int> {
            let margin = Int(marginMm / spacing) + 1
            return max(0, first - margin)..<min(count, last + margin + 1)
        }
        return VoxelBox(
            columns: range(i0, i1, g.columnSpacingMm, g.columns), rows: range(j0, j1, g.rowSpacingMm, g.rows),
            slices: range(k0, k1, g.sliceSpacingMm, g.slices))
    }

    /// Distance in mm from a voxel to the surface of bone (half a voxel before the first bone voxel's centre).
    func boneSurfaceMm(_ n: Int) -> Double {
        Double(toBone.squaredMm2.voxels[n]).squareRoot() - halfVoxelMm
    }

    var halfVoxelMm: Double {
        (geometry.columnSpacingMm + geometry.rowSpacingMm + geometry.sliceSpacingMm) / 6
    }

    /// Centre of a voxel in mm from the corner of the box.
    func positionMm(_ n: Int) -> SIMD3<Double> {
        let g = geometry
        return SIMD3(
            Double(n % g.columns) * g.columnSpacingMm, Double(n / g.columns % g.rows) * g.rowSpacingMm,
            Double(n / (g.columns * g.rows)) * g.sliceSpacingMm)
    }

    /// Standard deviation in mm of the mean position of a patch of bone surface.
    ///
    /// Each patch of 3 mm2, the area over which thickness is smoothed, is known to half a voxel, and all of them
    /// together to 0.1 mm.
    func boneSurfaceDeviationMm(overMm2 area: Double) -> Double {
        (0.1 * 0.1 + halfVoxelMm * halfVoxelMm * min(1, 3 / max(area, 1e-9))).squareRoot()
    }

    /// Voxels whose CT numbers count towards the deposit: its blur's reach, nearer to it than to other deposits, in the
    /// body and out of bone, and clear of the skin's blurred edge unless the deposit itself is there.
    func isInRegion(_ n: Int) -> Bool {
        if mask.voxels[n] != 0 { return true }
        guard Double(toSelf.voxels[n]) <= reachMm, toSelf.voxels[n] <= toOthers.voxels[n] else { return false }
        return labels.voxels[n] != TissueLabel.bone && labels.voxels[n] != TissueLabel.metal
            && Double(skinMm.voxels[n]) > Self.skinMm
    }

    /// Voxels of plain tissue around the deposit.
    func isInShell(_ n: Int) -> Bool {
        let distance = Double(toSelf.voxels[n])
        guard distance > reachMm, distance <= reachMm + Self.shellMm, labels.voxels[n] == TissueLabel.none else {
            return false
        }
        return Double(toOthers.voxels[n]) > 0.8 * reachMm && boneSurfaceMm(n) > 0.8 * reachMm
            && Double(skinMm.voxels[n]) > Self.tissueDepthMm
    }
}
