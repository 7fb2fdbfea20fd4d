package import DualEnergyCT

/// An upright cylinder of one material with upright rods in it, for checks of the forward model.
struct RodCylinder: PaintedObject {
    struct Rod: Sendable {
        var x: Float
        var y: Float
        var radius: Float
        var mixture: Mixture
    }

    var radius: Float
    var body: Mixture
    var rods: [Rod]

    func box(z: ClosedRange<Float>) -> Box {
        Box(Point(-radius, -radius, z.lowerBound), Point(radius, radius, z.upperBound), margin: 2)
    }

    func paint(_ grid: PlaneGrid, into labels: UnsafeMutableBufferPointer<UInt8>) {
        for j in 0..<grid.ny {
            for i in 0..<grid.nx {
                let p = grid.point(i, j)
                var label: UInt8 = p.x * p.x + p.y * p.y < radius * radius ? 1 : 0
                for (number, rod) in rods.enumerated() {
                    let (dx, dy) = (p.x - rod.x, p.y - rod.y)
                    if dx * dx + dy * dy < rod.radius * rod.radius { label = UInt8(2 + number) }
                }
                labels[j * grid.nx + i] = label
            }
        }
    }

    var mixtures: [(label: UInt8, mixture: Mixture)] {
        [(0, Mixture(.air)), (1, body)] + rods.enumerated().map { (UInt8(2 + $0.offset), $0.element.mixture) }
    }
}

/// A cylinder with rods on the scanner's axis: what the forward model is checked with.
package struct CylinderPhantom: Sendable {
    private let object: RodCylinder
    private let frame: ScanFrame
    private let seed: UInt64

    /// - Parameters:
    ///   - diameterMm: Of the cylinder of water.
    ///   - rods: Places and radii in mm, and what they are made of.
    package init(
        diameterMm: Double, rods: [(xMm: Double, yMm: Double, radiusMm: Double, mixture: Mixture)] = [],
        scan: ScanParameters, seed: UInt64 = 1
    ) {
        object = RodCylinder(
            radius: Float(diameterMm / 2), body: Mixture(.water),
            rods: rods.map {
                RodCylinder.Rod(x: Float($0.xMm), y: Float($0.yMm), radius: Float($0.radiusMm), mixture: $0.mixture)
            })
        frame = ScanFrame(object: object, scan: scan, lowestZ: 0, patientZ: 0, mirrored: false)
        self.seed = seed
    }

    package func simulate(pair: SpectrumPair) -> (low: Volume<Int16>, high: Volume<Int16>) {
        ProjectedImages(object: object, frame: frame, pair: pair, seed: seed).make()
    }
}
