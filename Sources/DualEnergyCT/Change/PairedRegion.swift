/// One region measured in both examinations, in the same way and over the same tissue.
struct PairedRegion {
    /// Hydroxyapatite in mg above the tissue around, and its standard deviation.
    var nowMg = 0.0
    var thenMg = 0.0
    var nowDeviationMg = 0.0
    var thenDeviationMg = 0.0

    /// The blur belongs to the region, the tissue begins beyond it.
    private static let reachMm = 1.4
    private static let shellMm = (from: 1.8, to: 4.5)
    private static let boneMarginMm = 1.0
    /// Neighbouring voxels share their noise: this volume, in mm3, is one independent sample.
    private static let grainMm3 = 1.0

    /// - Parameter voxels: the lesion on the present grid: what either examination shows of it.
    init(
        _ voxels: [Int], findings: Findings, prior: PriorExamination, registration: ExaminationRegistration
    ) {
        guard let density = findings.hydroxyapatiteTenths, !voxels.isEmpty else { return }
        let g = findings.labels.geometry
        let box = Self.box(around: voxels, in: g)
        let labels = findings.labels.cropped(to: box)
        var own = Volume<UInt8>(geometry: labels.geometry, repeating: 0)
        for n in voxels {
            own[
                n % g.columns - box.columns.lowerBound, n / g.columns % g.rows - box.rows.lowerBound,
                n / (g.columns * g.rows) - box.slices.lowerBound] = 1
        }
        var blocked = Volume<UInt8>(geometry: labels.geometry, repeating: 0)
        var then = [Float](repeating: .nan, count: labels.voxels.count)
        let first =
            GridPoint(
                Double(box.columns.lowerBound), Double(box.rows.lowerBound), Double(box.slices.lowerBound)) * g.spacing
        let middle =
            first + 0.5
            * GridPoint(
                Double(box.columns.count), Double(box.rows.count), Double(box.slices.count)) * g.spacing
        let near = registration.field.candidates(near: middle, radius: norm(middle - first))
        for n in labels.voxels.indices {
            let p = registration.field(first + labels.geometry.gridPoint(ofVoxel: n), among: near)
            then[n] = Self.density(prior.hydroxyapatiteTenths, p)
            let before = CarriedLesions.nearest(prior.labels, p) ?? SegmentLabel.none
            // What is mineral in either examination and not the lesion itself.
            if own.voxels[n] == 0, labels.voxels[n] != SegmentLabel.none || before != SegmentLabel.none {
                blocked.voxels[n] = 1
            }
        }
        let toOwn = own.squaredDistancesMm2(capMm: 10)
        let toBlocked = blocked.squaredDistancesMm2(capMm: 10)
        let now = density.cropped(to: box)
        var (region, shell): ([Int], [Int]) = ([], [])
        for n in labels.voxels.indices where then[n].isFinite && now.voxels[n] != 0 {
            let (d, b) = (toOwn.voxels[n].squareRoot(), toBlocked.voxels[n].squareRoot())
            if d <= Float(Self.reachMm), blocked.voxels[n] == 0, d <= b {
                region.append(n)
            } else if d >= Float(Self.shellMm.from), d <= Float(Self.shellMm.to), b > Float(Self.boneMarginMm) {
                shell.append(n)
            }
        }
        let voxel = g.voxelVolumeMm3
        (nowMg, nowDeviationMg) = Self.mass(region, shell, voxel) { Double(now.voxels[$0]) / 10 }
        (thenMg, thenDeviationMg) = Self.mass(region, shell, voxel) { Double(then[$0]) / 10 }
    }

    /// Sum above the shell's median, in mg.
    private static func mass(
        _ region: [Int], _ shell: [Int], _ voxelMm3: Double, _ density: (Int) -> Double
    ) -> (Double, Double) {
        let around = shell.map(density).sorted()
        let base = around.count >= 20 ? around[around.count / 2] : 0
        let spread =
            around.count >= 20 ? (around[around.count * 84 / 100] - around[around.count * 16 / 100]) / 2 : 30
        let sum = region.reduce(0) { $0 + density($1) - base }
        let volume = Double(region.count) * voxelMm3
        let independent = max(1, volume / grainMm3)
        let shells = max(1, Double(shell.count) * voxelMm3 / grainMm3)
        let deviation = volume * spread * (1 / independent + 1 / shells).squareRoot()
        return (sum * voxelMm3 / 1000, deviation / 1000)
    }

    private static func box(around voxels: [Int], in g: GridGeometry) -> VoxelBox {
        var (low, high) = (SIMD3<Int>(repeating: .max), SIMD3<Int>.zero)
        for n in voxels {
            let at = SIMD3(n % g.columns, n / g.columns % g.rows, n / (g.columns * g.rows))
            low = pointwiseMin(low, at)
            high = pointwiseMax(high, at)
        }
        func range(_ a: Int, _ b: Int, _ spacing: Double, _ count: Int) -> Range<Int> {
            let margin = Int(shellMm.to / spacing) + 2
            return max(0, a - margin)..<min(count, b + margin + 1)
        }
        return VoxelBox(
            columns: range(low.x, high.x, g.columnSpacingMm, g.columns),
            rows: range(low.y, high.y, g.rowSpacingMm, g.rows),
            slices: range(low.z, high.z, g.sliceSpacingMm, g.slices))
    }

    /// Linear interpolation in tenths of mg/cm3; NaN outside the grid.
    private static func density(_ volume: Volume<Int16>, _ p: GridPoint) -> Float {
        let g = volume.geometry
        let at = p / g.spacing
        guard at.x >= 0, at.y >= 0, at.z >= 0 else { return .nan }
        let (i, j, k) = (Int(at.x), Int(at.y), Int(at.z))
        guard i < g.columns - 1, j < g.rows - 1, k < g.slices - 1 else { return .nan }
        let (s, t, u) = (Float(at.x - Double(i)), Float(at.y - Double(j)), Float(at.z - Double(k)))
        let n = g.index(i, j, k)
        let area = g.columns * g.rows
        func line(_ m: Int) -> Float { Float(volume.voxels[m]) * (1 - s) + Float(volume.voxels[m + 1]) * s }
        let front = line(n) * (1 - t) + line(n + g.columns) * t
        let back = line(n + area) * (1 - t) + line(n + area + g.columns) * t
        return front * (1 - u) + back * u
    }
}
