extension Volume where Element == UInt8 {
    /// The voxels whose centre lies within `radiusMm` of a set voxel's centre.
    public func dilated(byMm radiusMm: Double) -> Volume<UInt8> {
        let limit = Float(radiusMm * radiusMm)
        let distances = squaredDistancesMm2(capMm: radiusMm + largestSpacingMm)
        return distances.map { $0 <= limit ? 1 : 0 }
    }

    /// The set voxels whose centre lies further than `radiusMm` from each clear voxel's centre.
    ///
    /// Voxels outside the grid count as set, so what is cut by the volume's edge is not eroded from there.
    public func eroded(byMm radiusMm: Double) -> Volume<UInt8> { complement().dilated(byMm: radiusMm).complement() }

    /// Erosion, then dilation: what a ball of this radius fits into.
    public func opened(byMm radiusMm: Double) -> Volume<UInt8> { eroded(byMm: radiusMm).dilated(byMm: radiusMm) }

    /// Dilation, then erosion: gaps narrower than twice the radius are filled.
    public func closed(byMm radiusMm: Double) -> Volume<UInt8> { dilated(byMm: radiusMm).eroded(byMm: radiusMm) }

    /// 1 where this mask is 0, and the reverse.
    public func complement() -> Volume<UInt8> {
        map { $0 == 0 ? 1 : 0 }
    }

    /// The mask with those clear components set that do not reach a face of the volume (face neighbours).
    public func holesFilled() -> Volume<UInt8> {
        let outside = ConnectedComponents(of: complement(), connectivity: .faces)
        let g = geometry
        let reachesFace = outside.components.map { component in
            component.box.columns.lowerBound == 0 || component.box.columns.upperBound == g.columns
                || component.box.rows.lowerBound == 0 || component.box.rows.upperBound == g.rows
                || component.box.slices.lowerBound == 0 || component.box.slices.upperBound == g.slices
        }
        return outside.mask { reachesFace[$0] }.complement()
    }

    private var largestSpacingMm: Double {
        max(geometry.columnSpacingMm, max(geometry.rowSpacingMm, geometry.sliceSpacingMm))
    }
}
