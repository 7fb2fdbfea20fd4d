/// The three families of planes of a grid.
package enum PlaneFamily: CaseIterable, Sendable {
    case axial, coronal, sagittal
}

extension Volume where Element == Float {
    /// How far each voxel lies below the lowest rim around it, plane by plane: grayscale hole filling
    /// (reconstruction by erosion) minus the image, in the image's unit; of the three families of planes the largest and
    /// the second largest.
    ///
    /// Water runs out of a plane where `outlet` is set. A plane without an outlet has no depth anywhere: nothing
    /// in it tells a hole from the outside. The faces of the volume are no outlets: a bone that the scan cuts keeps
    /// its marrow. Values are clipped to `range` and quantised to 2048 levels.
    package func deepestCavities(
        outlet: Volume<UInt8>, range: ClosedRange<Float>
    ) -> (first: Volume<Float>, second: Volume<Float>) {
        let levels = CavityLevels(self, outlet: outlet, range: range)
        var first = Volume<Float>(geometry: geometry, repeating: 0)
        var second = Volume<Float>(geometry: geometry, repeating: 0)
        first.voxels.withUnsafeMutableBufferPointer { first in
            second.voxels.withUnsafeMutableBufferPointer { second in
                let (first, second) = (first, second)
                for family in PlaneFamily.allCases {
                    levels.forEachDepth(in: family) { n, depth in
                        second[n] = max(second[n], min(depth, first[n]))
                        first[n] = max(first[n], depth)
                    }
                }
            }
        }
        return (first, second)
    }
}

/// A volume in levels, and where its tissue lies: what the floods of all planes read.
private struct CavityLevels: Sendable {
    static let count = 2048
    /// Set beside the level where water runs out.
    static let outlet: Int16 = 1 << 12

    let geometry: GridGeometry
    let step: Float
    /// Level of each voxel, with `outlet` where it is one.
    private let voxels: [Int16]
    /// Of each row the columns between its first and its last voxel that is no outlet; empty without any.
    private let tissue: [Range<Int32>]

    init(_ volume: Volume<Float>, outlet: Volume<UInt8>, range: ClosedRange<Float>) {
        precondition(outlet.geometry == volume.geometry, "the outlet lies on the volume's grid")
        let g = volume.geometry
        let lowest = range.lowerBound
        let step = max((range.upperBound - range.lowerBound) / Float(Self.count - 1), .leastNormalMagnitude)
        let top = Float(Self.count - 1)
        let rows = g.rows * g.slices
        var tissue = [Range<Int32>](repeating: 0..<0, count: rows)
        voxels = [Int16](unsafeUninitializedCapacity: g.voxelCount) { levels, count in
            tissue.withUnsafeMutableBufferPointer { tissue in
                volume.voxels.withUnsafeBufferPointer { values in
                    outlet.voxels.withUnsafeBufferPointer { outlet in
                        nonisolated(unsafe) let levels = levels
                        let tissue = tissue
                        concurrently(rows, voxels: values.count) { rows in
                            for row in rows {
                                let start = row * g.columns
                                var (first, last) = (g.columns, -1)
                                for i in 0..<g.columns {
                                    let level = Int16(min(max((values[start + i] - lowest) / step, 0), top))
                                    let isOutlet = outlet[start + i] != 0
                                    levels.initializeElement(at: start + i, to: isOutlet ? level | Self.outlet : level)
                                    if !isOutlet { (first, last) = (min(first, i), i) }
                                }
                                if last >= 0 { tissue[row] = Int32(first)..<Int32(last + 1) }
                            }
                        }
                    }
                }
            }
            count = g.voxelCount
        }
        (geometry, self.step, self.tissue) = (g, step, tissue)
    }

    /// Calls `body` with the linear index and the depth of each voxel that has any, plane by plane on all cores.
    @inline(__always)
    func forEachDepth(in family: PlaneFamily, _ body: (Int, Float) -> Void) {
        let rectangles = rectangles(family)
        let layout = PlaneLayout(family, geometry)
        let groups = (rectangles.count + layout.planesAtOnce - 1) / layout.planesAtOnce
        voxels.withUnsafeBufferPointer { voxels in
            concurrently(groups, voxels: voxels.count) { groups in
                var flood = PlaneFlood(layout)
                for group in groups {
                    let planes =
                        (group * layout.planesAtOnce)..<min((group + 1) * layout.planesAtOnce, rectangles.count)
                    guard let rectangle = PlaneRectangle(around: rectangles[planes])?.widened(in: layout) else {
                        continue
                    }
                    let start = planes.lowerBound * layout.planeStride
                    flood.load(voxels, start: start, planes: planes.count, rectangle)
                    flood.run()
                    flood.forEachDepth(start: start) { body($0, Float($1) * step) }
                }
            }
        }
    }

    /// Of each plane a rectangle that holds all of its tissue; nil where there is none.
    private func rectangles(_ family: PlaneFamily) -> [PlaneRectangle?] {
        let g = geometry
        switch family {
        case .axial:
            return (0..<g.slices).map { k in
                PlaneRectangle(
                    around: (0..<g.rows).map { j in PlaneRectangle(tissue[k * g.rows + j], line: j) }[...])
            }
        case .coronal:
            return (0..<g.rows).map { j in
                PlaneRectangle(
                    around: (0..<g.slices).map { k in PlaneRectangle(tissue[k * g.rows + j], line: k) }[...])
            }
        case .sagittal:
            var result = [PlaneRectangle?](repeating: nil, count: g.columns)
            for k in 0..<g.slices {
                for j in 0..<g.rows {
                    let own = PlaneRectangle(Int32(j)..<Int32(j + 1), line: k)
                    for i in tissue[k * g.rows + j] {
                        result[Int(i)] = PlaneRectangle(around: [result[Int(i)], own])
                    }
                }
            }
            return result
        }
    }
}

/// Where the voxels of a family's planes lie in memory.
private struct PlaneLayout: Sendable {
    let planeStride, width, widthStride, height, heightStride: Int
    /// Planes that are read together: neighbours that share lines of the cache.
    let planesAtOnce: Int

    init(_ family: PlaneFamily, _ g: GridGeometry) {
        let area = g.columns * g.rows
        switch family {
        case .axial:
            (planeStride, width, widthStride, height, heightStride) = (area, g.columns, 1, g.rows, g.columns)
            planesAtOnce = 1
        case .coronal:
            (planeStride, width, widthStride, height, heightStride) = (g.columns, g.columns, 1, g.slices, area)
            planesAtOnce = 1
        case .sagittal:
            (planeStride, width, widthStride, height, heightStride) = (1, g.rows, g.columns, g.slices, area)
            planesAtOnce = 16
        }
    }

    /// Calls `body` with each pixel of a rectangle, as its place in the framed rectangle and its linear index in the
    /// volume, for the plane that begins at `start`.
    @inline(__always)
    func forEachPixel(of rectangle: PlaneRectangle, start: Int, _ body: (_ framed: Int, _ index: Int) -> Void) {
        for (row, y) in rectangle.y.enumerated() {
            let line = start + y * heightStride
            let framed = (row + 1) * rectangle.framedWidth + 1
            for (column, x) in rectangle.x.enumerated() { body(framed + column, line + x * widthStride) }
        }
    }
}

/// A part of a plane, in pixels along its width and its height.
private struct PlaneRectangle: Sendable {
    var x: Range<Int>
    var y: Range<Int>

    /// With a frame of one pixel.
    var framedWidth: Int { x.count + 2 }
    var framedCount: Int { framedWidth * (y.count + 2) }

    init?(_ x: Range<Int32>, line: Int) {
        guard !x.isEmpty else { return nil }
        self.x = Int(x.lowerBound)..<Int(x.upperBound)
        y = line..<(line + 1)
    }

    /// Nil around nothing.
    init?(around parts: ArraySlice<PlaneRectangle?>) {
        var result: PlaneRectangle?
        for case let part? in parts {
            guard let own = result else {
                result = part
                continue
            }
            result?.x = min(own.x.lowerBound, part.x.lowerBound)..<max(own.x.upperBound, part.x.upperBound)
            result?.y = min(own.y.lowerBound, part.y.lowerBound)..<max(own.y.upperBound, part.y.upperBound)
        }
        guard let result else { return nil }
        self = result
    }

    /// With a pixel around, where the plane has one: all outlets that touch the tissue.
    func widened(in layout: PlaneLayout) -> PlaneRectangle {
        var result = self
        result.x = max(0, x.lowerBound - 1)..<min(layout.width, x.upperBound + 1)
        result.y = max(0, y.lowerBound - 1)..<min(layout.height, y.upperBound + 1)
        return result
    }
}

/// Priority floods of neighbouring planes, one after the other, with one queue per level.
private struct PlaneFlood {
    private let layout: PlaneLayout
    private var rectangle = PlaneRectangle(0..<1, line: 0)!
    private var planes = 0
    /// Plane after plane, each with a frame of one pixel that is never entered. Level of each pixel, and after the flood
    /// how far the water stands above it.
    private var level: [Int16] = []
    /// Level of the water; -1 where it has not come yet.
    private var water: [Int16] = []
    /// The queues are chains through `next`; `head` is the top of each.
    private var head = [Int32](repeating: -1, count: CavityLevels.count)
    private var next: [Int32] = []

    init(_ layout: PlaneLayout) { self.layout = layout }

    mutating func load(
        _ voxels: UnsafeBufferPointer<Int16>, start: Int, planes: Int, _ rectangle: PlaneRectangle
    ) {
        self.rectangle = rectangle
        self.planes = planes
        let framedCount = rectangle.framedCount
        if level.count < planes * framedCount { level = [Int16](repeating: 0, count: planes * framedCount) }
        if water.count < framedCount {
            water = [Int16](repeating: 0, count: framedCount)
            next = [Int32](repeating: -1, count: framedCount)
        }
        let layout = layout
        level.withUnsafeMutableBufferPointer { level in
            layout.forEachPixel(of: rectangle, start: start) { framed, index in
                for plane in 0..<planes {
                    level[plane * framedCount + framed] = voxels[index + plane * layout.planeStride]
                }
            }
        }
    }

    mutating func run() {
        let (planes, rectangle) = (planes, rectangle)
        level.withUnsafeMutableBufferPointer { level in
            water.withUnsafeMutableBufferPointer { water in
                head.withUnsafeMutableBufferPointer { head in
                    next.withUnsafeMutableBufferPointer { next in
                        for plane in 0..<planes {
                            var pool = Pool(
                                level: level.baseAddress! + plane * rectangle.framedCount, water: water.baseAddress!,
                                head: head.baseAddress!, next: next.baseAddress!, framedWidth: rectangle.framedWidth,
                                width: rectangle.x.count, height: rectangle.y.count)
                            pool.flood()
                        }
                    }
                }
            }
        }
    }

    /// Calls `body` with the linear index and the depth in levels of each pixel that has any.
    @inline(__always)
    func forEachDepth(start: Int, _ body: (Int, Int16) -> Void) {
        let framedCount = rectangle.framedCount
        level.withUnsafeBufferPointer { level in
            layout.forEachPixel(of: rectangle, start: start) { framed, index in
                for plane in 0..<planes {
                    let depth = level[plane * framedCount + framed]
                    if depth > 0 { body(index + plane * layout.planeStride, depth) }
                }
            }
        }
    }
}

/// The flood of one plane.
private struct Pool {
    let level, water: UnsafeMutablePointer<Int16>
    let head, next: UnsafeMutablePointer<Int32>
    let framedWidth, width, height: Int

    /// Leaves in `level` how far the water stands above it; none where it never came: a closed rim without an outlet
    /// inside of the plane.
    mutating func flood() {
        let isOpen = start()
        if isOpen { run() }
        for y in 1...height {
            for pixel in (y * framedWidth + 1)..<(y * framedWidth + 1 + width) {
                level[pixel] = isOpen && water[pixel] >= 0 ? max(0, water[pixel] - level[pixel]) : 0
            }
        }
    }

    /// Fills the outlets; false when there are none or nothing else.
    private mutating func start() -> Bool {
        for n in 0..<CavityLevels.count { head[n] = -1 }
        for n in 0..<framedWidth { (water[n], water[(height + 1) * framedWidth + n]) = (.max, .max) }
        var outlets = 0
        for y in 1...height {
            let row = y * framedWidth
            (water[row], water[row + width + 1]) = (.max, .max)
            for pixel in (row + 1)..<(row + 1 + width) {
                let own = level[pixel]
                if own >= CavityLevels.outlet {
                    outlets += 1
                    level[pixel] = own - CavityLevels.outlet
                    water[pixel] = own - CavityLevels.outlet
                } else {
                    water[pixel] = -1
                }
            }
        }
        if outlets == 0 || outlets == width * height { return false }
        // Only the outlets at the border of the tissue need to start a flood.
        for y in 1...height {
            for pixel in (y * framedWidth + 1)..<(y * framedWidth + 1 + width) where water[pixel] >= 0 {
                if water[pixel - 1] < 0 || water[pixel + 1] < 0 || water[pixel - framedWidth] < 0
                    || water[pixel + framedWidth] < 0
                {
                    push(pixel, Int(water[pixel]))
                }
            }
        }
        return true
    }

    @inline(__always)
    private func push(_ pixel: Int, _ at: Int) {
        next[pixel] = head[at]
        head[at] = Int32(pixel)
    }

    private func run() {
        var current = 0
        while current < CavityLevels.count {
            let pixel = Int(head[current])
            if pixel < 0 {
                current += 1
                continue
            }
            head[current] = next[pixel]
            visit(pixel - 1, current)
            visit(pixel + 1, current)
            visit(pixel - framedWidth, current)
            visit(pixel + framedWidth, current)
        }
    }

    @inline(__always)
    private func visit(_ pixel: Int, _ current: Int) {
        if water[pixel] >= 0 { return }
        let reached = max(current, Int(level[pixel]))
        water[pixel] = Int16(truncatingIfNeeded: reached)
        push(pixel, reached)
    }
}
