import Dispatch
import DualEnergyCT

/// Volumes and places of deposits as they are painted: cut by bone and by the ends of the scan.
struct DepositIntegrator: Sendable {
    struct Integral: Sendable {
        /// Inside the scan.
        var volumeMm3: Double
        var scannedFraction: Double
        /// Centre of volume in patient coordinates.
        var centreMm: [Double]
        var touchesBone: Bool
    }

    let object: any PaintedObject
    let frame: ScanFrame
    /// Step of the grid on which deposits are integrated, in mm.
    private static let stepMm: Float = 0.1

    func truth(of deposits: [Deposit]) -> [PhantomTruth.Deposit] {
        let found = TruthCollector(count: deposits.count)
        DispatchQueue.concurrentPerform(iterations: deposits.count) { index in
            let deposit = deposits[index]
            guard !deposit.isGone, let integral = integrate(Tissue.deposit(index).rawValue, within: deposit) else {
                return
            }
            found.set(index, PhantomTruth.Deposit(deposit, number: index + 1, integral))
        }
        return found.deposits.compactMap { $0 }
    }

    /// What a label fills near a lump; nil when none of it lies in the scan.
    func integrate(_ label: UInt8, within deposit: Deposit) -> Integral? {
        let (a, b, c) = (
            deposit.half.x * deposit.axes.0, deposit.half.y * deposit.axes.1, deposit.half.z * deposit.axes.2
        )
        let squares = a * a + b * b + c * c
        let reach = 1.3 * Point(squares.x.squareRoot(), squares.y.squareRoot(), squares.z.squareRoot())
        let step = Self.stepMm
        let nx = Int(2 * reach.x / step) + 3
        let ny = Int(2 * reach.y / step) + 3
        let nz = Int(2 * reach.z / step) + 3
        let lowest = Float(frame.geometry.origin.z - frame.offset.z - 0.5 * frame.scan.sliceSpacingMm)
        let highest = lowest + Float(Double(frame.scan.slices) * frame.scan.sliceSpacingMm)
        var labels = [UInt8](repeating: 0, count: nx * ny)
        var before = labels
        var (count, scanned, touches) = (0, 0, false)
        var sum = SIMD3<Double>.zero
        for k in 0..<nz {
            let z = deposit.centre.z + (Float(k) - 0.5 * Float(nz - 1)) * step
            let grid = PlaneGrid(
                x0: deposit.centre.x - 0.5 * Float(nx - 1) * step, y0: deposit.centre.y - 0.5 * Float(ny - 1) * step,
                z: z, stepX: step, stepY: step, nx: nx, ny: ny)
            swap(&labels, &before)
            labels.withUnsafeMutableBufferPointer { object.paint(grid, into: $0) }
            for j in 1..<(ny - 1) {
                for i in 1..<(nx - 1) {
                    let at = j * nx + i
                    if labels[at] == label {
                        count += 1
                        if z >= lowest, z < highest {
                            scanned += 1
                            let p = grid.point(i, j)
                            sum += SIMD3(Double(p.x), Double(p.y), Double(p.z))
                        }
                        if !touches {
                            touches =
                                [at - 1, at + 1, at - nx, at + nx].contains { Tissue(rawValue: labels[$0]).isBone }
                                || (k > 0 && Tissue(rawValue: before[at]).isBone)
                        }
                    } else if !touches, k > 0, before[at] == label, Tissue(rawValue: labels[at]).isBone {
                        touches = true
                    }
                }
            }
        }
        guard scanned > 0 else { return nil }
        let mean = sum / Double(scanned)
        let centre = frame.patient(Point(Float(mean.x), Float(mean.y), Float(mean.z)))
        return Integral(
            volumeMm3: Double(scanned) * Double(step * step * step), scannedFraction: Double(scanned) / Double(count),
            centreMm: [centre.x, centre.y, centre.z], touchesBone: touches)
    }
}

extension PhantomTruth.Deposit {
    fileprivate init(_ deposit: Deposit, number: Int, _ integral: DepositIntegrator.Integral) {
        let mass = integral.volumeMm3 * deposit.mgPerCm3 / 1000
        let isApatite = deposit.mineral == .hydroxyapatite
        self.init(
            number: number, material: isApatite ? "hydroxyapatite" : "monosodiumUrate", volumeMm3: integral.volumeMm3,
            densityMgPerCm3: deposit.mgPerCm3, hydroxyapatiteMassMg: isApatite ? mass : 0,
            urateMassMg: isApatite ? 0 : mass, centreMm: integral.centreMm,
            equivalentDiameterMm: cubeRoot(6 * integral.volumeMm3 / Double.pi), compartment: deposit.site,
            digit: deposit.ray.map { $0 + 1 }, touchesBone: integral.touchesBone, hostFatFraction: deposit.hostFatShare,
            scannedFraction: integral.scannedFraction)
    }
}

/// Results that several threads fill, each its own.
private final class TruthCollector: @unchecked Sendable {
    // Unchecked: every place is written once, by one thread, and read after all have ended.
    private let places: UnsafeMutableBufferPointer<PhantomTruth.Deposit?>

    init(count: Int) {
        places = .allocate(capacity: count)
        places.initialize(repeating: nil)
    }

    deinit {
        places.deinitialize()
        places.deallocate()
    }

    func set(_ index: Int, _ value: PhantomTruth.Deposit?) { places[index] = value }
    var deposits: [PhantomTruth.Deposit?] { Array(places) }
}
