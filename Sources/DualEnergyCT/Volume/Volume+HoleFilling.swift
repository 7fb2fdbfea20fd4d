/// The three families of planes of a grid.
package enum PlaneFamily: CaseIterable, Sendable {
    case axial, coronal, sagittal

    /// Number of planes, and for the two axes inside a plane their voxel counts and strides.
    fileprivate func layout(_ g: GridGeometry) -> PlaneLayout {
        let area = g.columns * g.rows
        return switch self {
        case .axial:
            PlaneLayout(
                planes: g.slices, planeStride: area, width: g.columns, widthStride: 1, height: g.rows,
                heightStride: g.columns)
        case .coronal:
            PlaneLayout(
                planes: g.rows, planeStride: g.columns, width: g.columns, widthStride: 1, height: g.slices,
                heightStride: area)
        case .sagittal:
            PlaneLayout(
                planes: g.columns, planeStride: 1, width: g.rows, widthStride: g.columns, height: g.slices,
                heightStride: area)
        }
    }
}

private struct PlaneLayout {
    let planes, planeStride, width, widthStride, height, heightStride: Int
}

extension Volume where Element == Float {
    /// How far each voxel lies below the lowest rim around it, plane by plane: grayscale hole filling
    /// (reconstruction by erosion) minus the image, in the image's unit.
    ///
    /// Water runs out of a plane where `outlet` is set. A plane without an outlet has no depth anywhere: nothing
    /// in it tells a hole from the outside. The faces of the volume are no outlets: a bone that the scan cuts keeps
    /// its marrow. Values are clipped to `range` and quantised to 2048 levels.
    package func cavityDepth(in family: PlaneFamily, outlet: Volume<UInt8>, range: ClosedRange<Float>) -> Volume<Float>
    {
        precondition(outlet.geometry == geometry, "the outlet lies on the volume's grid")
        let layout = family.layout(geometry)
        var result = [Float](repeating: 0, count: voxels.count)
        result.withUnsafeMutableBufferPointer { result in
            let result = result
            concurrently(layout.planes, voxels: voxels.count) { planes in
                var flood = PlaneFlood(width: layout.width, height: layout.height, range: range)
                for plane in planes {
                    let start = plane * layout.planeStride
                    guard flood.load(voxels, outlet.voxels, start: start, layout: layout) else { continue }
                    flood.run()
                    flood.store(into: result, start: start, layout: layout)
                }
            }
        }
        return Volume<Float>(geometry: geometry, voxels: result)
    }
}

/// A priority flood of one plane with one queue per level.
private struct PlaneFlood {
    static let levels = 2048
    let width: Int
    let height: Int
    let lowest: Float
    let step: Float
    /// Level of each pixel, with a frame of one pixel that is never entered.
    var level: [Int16]
    /// Level of the water; -1 where it has not come yet.
    var water: [Int16]
    /// The queues are chains through `next`; `head` is the top of each.
    var head: [Int32]
    var next: [Int32]
    private let framedWidth: Int

    init(width: Int, height: Int, range: ClosedRange<Float>) {
        self.width = width
        self.height = height
        lowest = range.lowerBound
        step = max((range.upperBound - range.lowerBound) / Float(Self.levels - 1), .leastNormalMagnitude)
        framedWidth = width + 2
        let count = framedWidth * (height + 2)
        level = [Int16](repeating: 0, count: count)
        water = level
        next = [Int32](repeating: -1, count: count)
        head = [Int32](repeating: -1, count: Self.levels)
    }

    /// Fills the plane; false when it holds no outlet or nothing but outlets.
    mutating func load(_ values: [Float], _ outlet: [UInt8], start: Int, layout: PlaneLayout) -> Bool {
        for n in 0..<Self.levels { head[n] = -1 }
        for n in water.indices { water[n] = Int16.max }
        let top = Float(Self.levels - 1)
        var outlets = 0
        for y in 0..<height {
            let line = start + y * layout.heightStride
            let row = (y + 1) * framedWidth + 1
            for x in 0..<width {
                let index = line + x * layout.widthStride
                let value = min(max((values[index] - lowest) / step, 0), top)
                let quantised = Int16(value)
                level[row + x] = quantised
                if outlet[index] != 0 {
                    outlets += 1
                    water[row + x] = quantised
                } else {
                    water[row + x] = -1
                }
            }
        }
        if outlets == 0 || outlets == width * height { return false }
        // Only the outlets at the border of the tissue need to start a flood.
        for y in 1...height {
            for x in 1...width {
                let pixel = y * framedWidth + x
                guard water[pixel] >= 0 else { continue }
                if water[pixel - 1] < 0 || water[pixel + 1] < 0 || water[pixel - framedWidth] < 0
                    || water[pixel + framedWidth] < 0
                {
                    push(pixel, Int(water[pixel]))
                }
            }
        }
        return true
    }

    private mutating func push(_ pixel: Int, _ at: Int) {
        next[pixel] = head[at]
        head[at] = Int32(pixel)
    }

    mutating func run() {
        let offsets = (-1, 1, -framedWidth, framedWidth)
        var current = 0
        while current < Self.levels {
            let pixel = Int(head[current])
            if pixel < 0 {
                current += 1
                continue
            }
            head[current] = next[pixel]
            visit(pixel + offsets.0, current)
            visit(pixel + offsets.1, current)
            visit(pixel + offsets.2, current)
            visit(pixel + offsets.3, current)
        }
    }

    private mutating func visit(_ pixel: Int, _ current: Int) {
        if water[pixel] >= 0 { return }
        let reached = max(current, Int(level[pixel]))
        water[pixel] = Int16(reached)
        push(pixel, reached)
    }

    func store(into result: UnsafeMutableBufferPointer<Float>, start: Int, layout: PlaneLayout) {
        for y in 0..<height {
            let line = start + y * layout.heightStride
            let row = (y + 1) * framedWidth + 1
            for x in 0..<width {
                // Water that never came (a closed rim without outlet inside the plane) counts as no depth.
                let depth = max(0, Int(water[row + x]) - Int(level[row + x]))
                result[line + x * layout.widthStride] = water[row + x] < 0 ? 0 : Float(depth) * step
            }
        }
    }
}
