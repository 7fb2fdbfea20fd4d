import DualEnergyCT

/// The colours of the picture, on a dark ground for a reading room: hues near those of Okabe and Ito, and for whoever
/// sees no difference between red and green four steps of lightness.
package enum Palette {
    static let background = Colour(0x0E1116)
    static let panel = Colour(0x1A212B)
    static let image = Colour(0x000000)
    static let text = Colour(0xF2F4F7)
    static let secondary = Colour(0xA9B4C2)
    static let rule = Colour(0x3A4655)
    static let banner = Colour(0xF0E442)
    static let bannerText = Colour(0x101010)
    package static let calcinosis = Colour(0xFF7000)
    package static let urate = Colour(0x00C896)
    package static let indeterminate = Colour(0xFFF27A)
    package static let excluded = Colour(0x6B7480)
    /// Mineral that is no calcinosis: vessels and other.
    package static let otherMineral = Colour(0xD58CFF)
    static let clear = Colour(0x56B4E9)

    static func material(_ material: MaterialClass) -> Colour {
        switch material {
        case .hydroxyapatite: calcinosis
        case .urate: urate
        case .indeterminate: indeterminate
        }
    }
}
