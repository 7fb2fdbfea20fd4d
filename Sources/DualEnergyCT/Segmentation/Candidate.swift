/// A connected piece of mineral that stands above the expected surface of bone, with what its fate rests on.
package struct Candidate: Sendable {
    package enum Fate: Sendable, Equatable {
        case deposit
        case bone
        /// Not mineral: tissue or noise. Nothing is reported.
        case tissue
        case excluded(Exclusion.Cause)
    }

    package var voxels: [Int]
    package var volumeMm3: Double
    /// Least and largest height above the expected bone surface in mm; infinite far from bone.
    package var leastHeightMm: Float
    package var largestHeightMm: Float
    /// How well these heights are known for the grid's sake, in mm: half a step of the grid across the bone's surface,
    /// beyond half of its smallest.
    package var heightStepMm: Float = 0
    /// Mean of these heights in mm; infinite where it touches no bone, as the next two are 0.
    package var meanHeightMm: Float = .infinity
    /// Share of the volume that lies between the bone nearest to it and another one across a joint.
    package var gapShare: Double = 0
    /// Density of the denser quarter, as a share of what the nearest bone reaches where it is thick.
    package var relativeDensity: Float = 0
    /// Share of the volume that stands more than 1.2 mm above the expected surface.
    package var proudShare: Double
    /// Largest density in mg/cm3, and the volume that is clear of noise.
    package var peak: Float
    package var firmVolumeMm3: Double
    /// Mean excess over the local tissue in HU at each energy.
    package var excessLowHU: Double
    package var excessHighHU: Double
    /// Mean density in mg/cm3 of the pooled excess with the tissue left free, and its standard deviation.
    package var pooledFreeDensity: Double
    package var pooledFreeNoise: Double
    /// Mean density in mg/cm3 with muscle as the tissue.
    package var pooledOnMuscle: Double
    /// Mean density in mg/cm3 that the blur of the cortex leaves there.
    package var pooledTail: Double
    package var meanSkinDistanceMm: Float
    package var leastSkinDistanceMm: Float
    /// Radius in mm of the largest ball inside, between voxel centres.
    package var innerRadiusMm: Float
    package var shape: PrincipalAxes
    /// The surface of the ball of its volume over its own: about 0.9 of a lump, less the more it is ragged or a sheet.
    package var compactness = 1.0
    /// Mean fat fraction of the tissue around, 0 to 1.
    package var fatAround: Float
    /// Distance in mm from the nearest voxel of the candidate to metal with its blooming; infinite without metal near.
    package var metalDistanceMm: Float = .infinity
    /// Share of the voxels that lie on a face of the volume.
    package var cutShare: Double
    /// Density that cortex reaches in this body, in mg/cm3; nil without any bone.
    package var corticalDensity: Float?
    package var fate: Fate = .deposit

    /// Excess at low over excess at high energy.
    package var ratio: Double { excessHighHU > 1 ? excessLowHU / excessHighHU : 99 }
    /// All of it lies in one slice, row or column of the grid. Of 258 deposits in phantoms with slices 0.5 to 1.2 mm apart
    /// none did.
    package var isOneLayer: Bool { shape.extents.z < 0.1 }
    /// Nearer to bone than the blur of a cortex that is a little thicker than expected.
    package var touchesBone: Bool { leastHeightMm < 0.9 }
}

extension GridGeometry {
    /// The surface of the ball of some voxels' volume over their own, which is their faces' over
    /// `BoneFacing.planeOverFaces`; 1 where they fill the grid.
    package func compactness(of voxels: [Int]) -> Double {
        var faces = 0.0
        forEachOutsideFace(of: voxels) { faces += $1 }
        let root = cubeRoot(36 * .pi * voxelVolumeMm3 * voxelVolumeMm3 * Double(voxels.count * voxels.count))
        return faces > 0 ? root / (BoneFacing.planeOverFaces * faces) : 1
    }
}

/// Centre and principal axes of a set of points.
package struct PrincipalAxes: Sendable {
    package var centre: SIMD3<Float>
    /// Unit vector of the longest axis.
    package var axis: SIMD3<Float>
    /// Extents in mm along the three axes, longest first: four standard deviations, the length of a uniform rod
    /// within 15 %.
    package var extents: SIMD3<Float>

    package init(_ positions: [SIMD3<Float>]) {
        let count = Float(max(positions.count, 1))
        var sum = SIMD3<Float>(repeating: 0)
        for p in positions { sum += p }
        centre = sum / count
        var m = SymmetricMatrix()
        for p in positions { m.add(p - centre) }
        m.scale(1 / count)
        let (values, axis) = m.eigen()
        self.axis = axis
        extents =
            4
            * SIMD3(
                max(values.x, 0).squareRoot(), max(values.y, 0).squareRoot(), max(values.z, 0).squareRoot())
    }
}

/// A symmetric 3x3 matrix.
struct SymmetricMatrix {
    private var a = [[Float]](repeating: [0, 0, 0], count: 3)

    mutating func add(_ v: SIMD3<Float>) {
        for r in 0..<3 { for c in 0..<3 { a[r][c] += v[r] * v[c] } }
    }

    mutating func scale(_ s: Float) {
        for r in 0..<3 { for c in 0..<3 { a[r][c] *= s } }
    }

    /// Eigenvalues, largest first, and the unit eigenvector of the largest (Jacobi rotations).
    func eigen() -> (SIMD3<Float>, SIMD3<Float>) {
        var m = a
        var v: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
        for _ in 0..<24 {
            for (p, q) in [(0, 1), (0, 2), (1, 2)] {
                if abs(m[p][q]) < 1e-12 { continue }
                let theta = (m[q][q] - m[p][p]) / (2 * m[p][q])
                let t = (theta >= 0 ? 1 : -1) / (abs(theta) + (theta * theta + 1).squareRoot())
                let c = 1 / (t * t + 1).squareRoot()
                let s = t * c
                for k in 0..<3 {
                    let kp = m[k][p]
                    let kq = m[k][q]
                    m[k][p] = c * kp - s * kq
                    m[k][q] = s * kp + c * kq
                }
                for k in 0..<3 {
                    let pk = m[p][k]
                    let qk = m[q][k]
                    m[p][k] = c * pk - s * qk
                    m[q][k] = s * pk + c * qk
                }
                for k in 0..<3 {
                    let kp = v[k][p]
                    let kq = v[k][q]
                    v[k][p] = c * kp - s * kq
                    v[k][q] = s * kp + c * kq
                }
            }
        }
        let order = [0, 1, 2].sorted { m[$0][$0] > m[$1][$1] }
        let values = SIMD3(m[order[0]][order[0]], m[order[1]][order[1]], m[order[2]][order[2]])
        return (values, SIMD3(v[0][order[0]], v[1][order[0]], v[2][order[0]]))
    }
}
