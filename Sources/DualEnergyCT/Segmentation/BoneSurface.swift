/// The inner surface of the bones, and how thick the cortex is outwards from each of its points.
package struct BoneSurface: Sendable {
    package struct Point: Sendable {
        package var voxel: Int32
        /// In mm from voxel (0, 0, 0) along columns, rows, slices.
        package var position: SIMD3<Float>
        /// Unit vector out of the marrow.
        package var normal: SIMD3<Float>
        /// Distance in mm along the normal to half of the running maximum; negative when none was found.
        package var measured: Float
        /// Largest density on the ray in mg/cm3.
        package var peak: Float
        /// Thickness and density that the neighbourhood supports.
        package var thickness: Float = 0
        package var density: Float = 0
        /// Density that the cortex would show if it were thicker than the blur.
        package var fullDensity: Float = 0
        /// Number of the connected piece of marrow, from 0.
        package var bone: Int
        /// 1 where a deposit stands on the bone: the point's own measurement is not used.
        package var isCovered = false
    }

    /// What the neighbourhood of a point supports, before the points are smoothed.
    struct Settled: Sendable {
        var thickness: Float
        var density: Float
    }

    package var points: [Point] = []
    /// Of each point, since `settleThickness`.
    var settled: [Settled] = []
    /// Squared distance in mm2 to the seeds; the square of the cap where they are further.
    package let squaredMm2: Volume<Float>
    /// Which of `points` is nearest to each voxel, as `code(ofPoint:)`; above -2 where there is none within reach.
    private let nearestPoint: [Int32]

    /// Below -1, and its own inverse: what is no linear index of a voxel.
    private static func code(ofPoint n: Int) -> Int { -2 - n }
    package let geometry: GridGeometry
    /// Density in mg/cm3 that cortex reaches where it is thick; nil without any bone.
    package private(set) var corticalDensity: Float?
    let edge: CorticalEdge

    /// Furthest that cortex and dense spongiosa reach out of the marrow, in mm.
    package static let reachMm = 7.0
    /// Least density in mg/cm3 of what counts as cortex.
    static let leastPeak: Float = 90

    package init(seeds: Volume<UInt8>, fields: TissueFields, edge: CorticalEdge) {
        self.edge = edge
        geometry = seeds.geometry
        var map = seeds.distanceMap(capMm: BoneSurface.reachMm + 2)
        squaredMm2 = map.squaredMm2
        let signed = BoneSurface.smoothSignedDistance(seeds, outside: map)
        let sampler = TrilinearSampler(geometry: geometry)
        let spacing = geometry.spacingMm
        let bones = ConnectedComponents(of: seeds, connectivity: .facesEdgesAndCorners)
        var points: [Point] = []
        geometry.forEachSurfaceVoxel(of: seeds) { i, j, k, n in
            guard let normal = sampler.gradient(signed, i, j, k) else { return }
            let position = SIMD3(Float(i), Float(j), Float(k)) * spacing
            let ray = BoneSurface.thickness(from: position, along: normal, in: fields.onMuscle, sampler: sampler)
            // The voxel stands for its point from here on, and below whoever is nearest to the voxel.
            map.nearest[n] = Int32(BoneSurface.code(ofPoint: points.count))
            points.append(
                Point(
                    voxel: Int32(n), position: position, normal: normal, measured: ray.thickness, peak: ray.peak,
                    bone: bones.number(at: n) - 1))
        }
        self.points = points
        map.nearest.withUnsafeMutableBufferPointer { nearest in
            let nearest = nearest
            concurrently(nearest.count, voxels: nearest.count) { range in
                for n in range where nearest[n] >= 0 {
                    // Of a voxel of the seeds, which nothing changes.
                    let code = nearest[Int(nearest[n])]
                    if nearest[n] != n { nearest[n] = code < -1 ? code : -1 }
                }
            }
        }
        nearestPoint = map.nearest
        referToFullDensity()
    }

    /// Half of what a voxel measures along a direction in mm, beyond its smallest side: heights above the ends of bones
    /// are known no better than that where slices are thicker than pixels.
    @inline(__always)
    package func halfStepMm(along normal: SIMD3<Float>) -> Float {
        let spacing = geometry.spacingMm
        return 0.5 * ((normal * spacing).magnitude - spacing.min())
    }

    /// The point nearest to a voxel within reach, or nil.
    @inline(__always)
    package func pointIndex(nearestTo voxel: Int) -> Int? {
        let code = Int(nearestPoint[voxel])
        return code < -1 ? Self.code(ofPoint: code) : nil
    }

    /// Sets each point's `fullDensity` from the denser part of its bone, or of all bones when this one is thin
    /// everywhere.
    private mutating func referToFullDensity() {
        var all = ValueHistogram(step: 8)
        var ofBone: [Int: ValueHistogram] = [:]
        for point in points where point.measured >= 0 {
            all.add(point.peak)
            ofBone[point.bone, default: ValueHistogram(step: 8)].add(point.peak)
        }
        let common = all.percentile(0.85) ?? BoneSurface.leastPeak
        corticalDensity = points.isEmpty ? nil : common
        let own = ofBone.mapValues { $0.percentile(0.85) ?? common }
        for n in points.indices {
            points[n].fullDensity = max(own[points[n].bone] ?? common, 0.85 * common)
        }
    }

    private static func smoothSignedDistance(_ seeds: Volume<UInt8>, outside: DistanceMap) -> Volume<Float> {
        var signed = seeds.complement().squaredDistancesMm2(capMm: 4)
        signed.update { $1 = min(outside.squaredMm2.voxels[$0].squareRoot(), 4) - $1.squareRoot() }
        signed.smooth(sigmaMm: 0.6)
        return signed
    }

    /// Where the density along a ray has fallen to half of its largest value so far.
    private static func thickness(
        from position: SIMD3<Float>, along normal: SIMD3<Float>, in density: Volume<Float>, sampler: TrilinearSampler
    ) -> (thickness: Float, peak: Float) {
        let step: Float = 0.15
        var peak: Float = 0
        var previous: Float = 0
        for n in 0...Int(reachMm / 0.15) {
            let distance = Float(n) * step
            let value = sampler.value(density, at: position + distance * normal)
            if value > peak { peak = value }
            if peak > leastPeak && value < peak / 2 {
                let fall = previous - value
                let back = fall > 0 ? (peak / 2 - value) / fall * step : 0
                return (max(distance - back, 0), peak)
            }
            previous = value
        }
        return (-1, peak)
    }
}

/// Values between voxels.
package struct TrilinearSampler: Sendable {
    let geometry: GridGeometry
    let perMm: SIMD3<Float>

    package init(geometry: GridGeometry) {
        self.geometry = geometry
        perMm = 1 / geometry.spacingMm
    }

    /// Value at a position in mm from voxel (0, 0, 0); positions outside take the nearest voxel's value.
    @inline(__always)
    package func value(_ volume: Volume<Float>, at position: SIMD3<Float>) -> Float {
        let last = SIMD3(
            Float(geometry.columns - 1), Float(geometry.rows - 1), Float(geometry.slices - 1))
        let p = (position * perMm).clamped(lowerBound: SIMD3(repeating: 0), upperBound: last)
        let i = min(Int(p.x), max(geometry.columns - 2, 0))
        let j = min(Int(p.y), max(geometry.rows - 2, 0))
        let k = min(Int(p.z), max(geometry.slices - 2, 0))
        let x = p.x - Float(i)
        let y = p.y - Float(j)
        let z = p.z - Float(k)
        let right = geometry.columns > 1 ? 1 : 0
        let down = geometry.rows > 1 ? geometry.columns : 0
        let up = geometry.slices > 1 ? geometry.columns * geometry.rows : 0
        let n = geometry.index(i, j, k)
        return volume.voxels.withUnsafeBufferPointer { v in
            let a = v[n] * (1 - x) + v[n + right] * x
            let b = v[n + down] * (1 - x) + v[n + down + right] * x
            let c = v[n + up] * (1 - x) + v[n + up + right] * x
            let d = v[n + up + down] * (1 - x) + v[n + up + down + right] * x
            return (a * (1 - y) + b * y) * (1 - z) + (c * (1 - y) + d * y) * z
        }
    }

    /// Direction of steepest ascent at a voxel, or nil where the volume is flat.
    package func gradient(_ volume: Volume<Float>, _ i: Int, _ j: Int, _ k: Int) -> SIMD3<Float>? {
        func difference(_ a: (Int, Int, Int), _ b: (Int, Int, Int)) -> Float {
            volume[b.0, b.1, b.2] - volume[a.0, a.1, a.2]
        }
        let i0 = max(i - 1, 0)
        let i1 = min(i + 1, geometry.columns - 1)
        let j0 = max(j - 1, 0)
        let j1 = min(j + 1, geometry.rows - 1)
        let k0 = max(k - 1, 0)
        let k1 = min(k + 1, geometry.slices - 1)
        let gradient =
            SIMD3(
                i1 > i0 ? difference((i0, j, k), (i1, j, k)) / Float(i1 - i0) : 0,
                j1 > j0 ? difference((i, j0, k), (i, j1, k)) / Float(j1 - j0) : 0,
                k1 > k0 ? difference((i, j, k0), (i, j, k1)) / Float(k1 - k0) : 0) * perMm
        let length = (gradient * gradient).sum().squareRoot()
        return length > 1e-4 ? gradient / length : nil
    }
}

extension GridGeometry {
    package var spacingMm: SIMD3<Float> {
        SIMD3(Float(columnSpacingMm), Float(rowSpacingMm), Float(sliceSpacingMm))
    }

    /// Column, row and slice of a linear index.
    @inline(__always)
    package func coordinates(_ n: Int) -> (i: Int, j: Int, k: Int) {
        (n % columns, n / columns % rows, n / (columns * rows))
    }

    /// Position in mm from voxel (0, 0, 0) along columns, rows, slices.
    @inline(__always)
    package func gridPosition(_ n: Int) -> SIMD3<Float> {
        let c = coordinates(n)
        return SIMD3(Float(c.i), Float(c.j), Float(c.k)) * spacingMm
    }

    /// Calls `body` with each set voxel that has a clear face neighbour inside the grid.
    package func forEachSurfaceVoxel(of mask: Volume<UInt8>, _ body: (Int, Int, Int, Int) -> Void) {
        let area = columns * rows
        for k in 0..<slices {
            for j in 0..<rows {
                let base = index(0, j, k)
                for i in 0..<columns where mask.voxels[base + i] != 0 {
                    let n = base + i
                    let isSurface =
                        (i > 0 && mask.voxels[n - 1] == 0) || (i + 1 < columns && mask.voxels[n + 1] == 0)
                        || (j > 0 && mask.voxels[n - columns] == 0)
                        || (j + 1 < rows && mask.voxels[n + columns] == 0)
                        || (k > 0 && mask.voxels[n - area] == 0) || (k + 1 < slices && mask.voxels[n + area] == 0)
                    if isSurface { body(i, j, k, n) }
                }
            }
        }
    }
}
