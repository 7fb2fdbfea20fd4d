/// The form of one connected piece of mineral, and of the fill of its hollow.
package struct MineralShape: Sendable {
    package let positions: [SIMD3<Float>]
    package let axes: PrincipalAxes
    package let volumeMm3: Double
    /// Radius in mm of the largest ball inside.
    package let innerRadiusMm: Float
    /// Volume enclosed by the piece and not part of it, in mm3.
    package let hollowMm3: Double
    /// Mean CT number excess of the piece's middle over that of its densest layer; a solid body's middle is its densest.
    /// 1 for a body in which the blur would hide a lighter middle.
    package let middleOverRim: Float
    /// Whether the piece is large enough for its middle to tell.
    private let isResolved: Bool
    /// Standard deviation of `middleOverRim` by noise.
    private let middleNoise: Float

    private static let layerMm: Float = 0.5
    /// Voxels of a layer from which its mean is not noise.
    private static let fewestOfLayer: Float = 12
    private static let fewestOfMiddle: Float = 4
    /// A middle below this share of the densest layer is lucent, unless noise explains it: the blur leaves a solid body's
    /// middle its densest part, and of 69 solid round deposits one fell to 0.96.
    private static let lucentShare: Float = 0.95
    private static let clearOfNoise: Float = 2.5

    package init(_ voxels: [Int], _ context: MeasurementContext) {
        let g = context.low.geometry
        positions = voxels.map { g.millimetres($0) }
        axes = PrincipalAxes(positions)
        volumeMm3 = Double(voxels.count) * g.voxelVolumeMm3
        let (box, mask) = g.localMask(of: voxels)
        let filled = mask.holesFilled()
        let depth = filled.complement().squaredDistancesMm2(capMm: 40)
        innerRadiusMm = mask.complement().squaredDistancesMm2(capMm: 40).voxels.max()?.squareRoot() ?? 0
        let muscle = Float(context.paths.typical.low.muscleHU)
        var hollow = 0
        let deepest = depth.voxels.max()?.squareRoot() ?? 0
        // Mean values in layers below the surface, from outside in.
        var layers = [(sum: Float, count: Float)](
            repeating: (0, 0), count: Int(deepest / Self.layerMm) + 1)
        var middle: (sum: Float, count: Float) = (0, 0)
        for n in filled.voxels.indices where filled.voxels[n] != 0 {
            if mask.voxels[n] == 0 { hollow += 1 }
            let value = Float(context.low.voxels[g.index(fromLocal: n, in: box)]) - muscle
            let at = depth.voxels[n].squareRoot()
            let layer = Int(at / Self.layerMm)
            layers[layer] = (layers[layer].sum + value, layers[layer].count + 1)
            if at > 0.75 * deepest { middle = (middle.sum + value, middle.count + 1) }
        }
        hollowMm3 = Double(hollow) * g.voxelVolumeMm3
        let highest = layers.filter { $0.count >= Self.fewestOfLayer }.map { $0.sum / $0.count }.max() ?? 0
        // Two walls and what is between them are told apart where each is as wide as the blur.
        let blurMm = 2.355 * max(context.pointSpreadSigmaMm, context.axialSigmaMm)
        isResolved = 2 * cubeRoot(volumeMm3 * 3 / (4 * .pi)) > 3 * blurMm && middle.count >= Self.fewestOfMiddle
        middleOverRim = isResolved && highest > 0 ? middle.sum / middle.count / highest : 1
        let noise = Float(context.noise.sum(over: Int(middle.count)).low.squareRoot())
        middleNoise = highest > 0 ? noise / max(middle.count, 1) / highest : 0
    }

    /// Longest over shortest extent.
    package var elongation: Float { axes.extents.x / max(axes.extents.z, 0.1) }
    /// Diameter in mm of the ball of the same volume.
    package var diameterMm: Double { 2 * cubeRoot(volumeMm3 * 3 / (4 * .pi)) }

    /// Share of the ellipsoid around the piece that it fills: 1 for a smooth round body.
    package var filling: Double {
        // Four standard deviations are 0.894 of an ellipsoid's diameter.
        let e = axes.extents / 0.894
        return (volumeMm3 + hollowMm3) / max(Double.pi / 6 * Double(e.x * e.y * e.z), 1e-3)
    }

    /// A smooth ball or egg.
    package var isRound: Bool { elongation < 1.7 && filling > 0.8 }
    /// Solid, smooth, not much longer than wide and about as thick as wide: no part of a wall.
    var isEgg: Bool {
        filling > 0.95 && axes.extents.y < 1.4 * axes.extents.z && axes.extents.x < 2.5 * axes.extents.y
    }
    /// A shell around something lighter.
    package var isShell: Bool {
        // In a faint lump noise leaves holes as well: where the middle tells, it decides.
        isResolved
            ? middleOverRim < min(Self.lucentShare, 1 - Self.clearOfNoise * middleNoise)
            : hollowMm3 > 0.03 * volumeMm3
    }

    /// Positions in slices of a length along the longest axis, in its order.
    package func slices(lengthMm: Float) -> [[SIMD3<Float>]] {
        let along = positions.map { ($0 - axes.centre).dot(axes.axis) }
        guard let first = along.min(), let last = along.max() else { return [] }
        let count = max(1, Int(((last - first) / lengthMm).rounded()))
        var result = [[SIMD3<Float>]](repeating: [], count: count)
        for (position, at) in zip(positions, along) {
            result[min(Int(Float(count) * (at - first) / max(last - first, 1e-3)), count - 1)].append(position)
        }
        return result.filter { !$0.isEmpty }
    }
}
