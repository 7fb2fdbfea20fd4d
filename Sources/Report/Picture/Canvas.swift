import CCairo

/// A colour of the picture, each part from 0 to 1.
package struct Colour: Sendable, Equatable {
    package var red: Double
    package var green: Double
    package var blue: Double

    init(_ hexadecimal: UInt32) {
        red = Double(hexadecimal >> 16 & 0xFF) / 255
        green = Double(hexadecimal >> 8 & 0xFF) / 255
        blue = Double(hexadecimal & 0xFF) / 255
    }
}

/// A rectangle in pixels, y downwards.
struct Rectangle: Sendable, Equatable {
    var x: Double
    var y: Double
    var width: Double
    var height: Double

    var right: Double { x + width }
    var bottom: Double { y + height }

    func inset(by margin: Double) -> Rectangle {
        Rectangle(x: x + margin, y: y + margin, width: width - 2 * margin, height: height - 2 * margin)
    }
}

/// An RGB image to draw on, over Cairo.
///
/// Glyphs are antialiased in grey and never hinted, so that the same text gives the same pixels wherever the same
/// fonts are installed.
final class Canvas {
    enum Weight { case regular, bold }

    let width: Int
    let height: Int
    private let surface: OpaquePointer
    private let context: OpaquePointer

    init(width: Int, height: Int, background: Colour) {
        self.width = width
        self.height = height
        surface = cairo_image_surface_create(CAIRO_FORMAT_RGB24, Int32(width), Int32(height))
        context = cairo_create(surface)
        let options = cairo_font_options_create()
        cairo_font_options_set_antialias(options, CAIRO_ANTIALIAS_GRAY)
        cairo_font_options_set_hint_style(options, CAIRO_HINT_STYLE_NONE)
        cairo_font_options_set_hint_metrics(options, CAIRO_HINT_METRICS_OFF)
        cairo_set_font_options(context, options)
        cairo_font_options_destroy(options)
        fill(Rectangle(x: 0, y: 0, width: Double(width), height: Double(height)), background)
    }

    deinit {
        cairo_destroy(context)
        cairo_surface_destroy(surface)
    }

    // MARK: - Shapes

    func fill(_ rectangle: Rectangle, _ colour: Colour, opacity: Double = 1) {
        setColour(colour, opacity)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_fill(context)
    }

    func stroke(_ rectangle: Rectangle, _ colour: Colour, lineWidth: Double = 1) {
        setColour(colour, 1)
        cairo_set_line_width(context, lineWidth)
        cairo_rectangle(context, rectangle.x, rectangle.y, rectangle.width, rectangle.height)
        cairo_stroke(context)
    }

    func line(from a: (x: Double, y: Double), to b: (x: Double, y: Double), _ colour: Colour, lineWidth: Double = 1) {
        setColour(colour, 1)
        cairo_set_line_width(context, lineWidth)
        cairo_move_to(context, a.x, a.y)
        cairo_line_to(context, b.x, b.y)
        cairo_stroke(context)
    }

    func ring(centre: (x: Double, y: Double), radius: Double, _ colour: Colour, lineWidth: Double = 1.5) {
        setColour(colour, 1)
        cairo_set_line_width(context, lineWidth)
        cairo_new_sub_path(context)
        cairo_arc(context, centre.x, centre.y, radius, 0, 2 * Double.pi)
        cairo_stroke(context)
    }

    /// Many short lines as one stroke, clipped to a rectangle.
    func segments(
        _ segments: [(from: (x: Double, y: Double), to: (x: Double, y: Double))], _ colour: Colour,
        lineWidth: Double, in clip: Rectangle
    ) {
        guard !segments.isEmpty else { return }
        cairo_save(context)
        cairo_rectangle(context, clip.x, clip.y, clip.width, clip.height)
        cairo_clip(context)
        setColour(colour, 1)
        cairo_set_line_width(context, lineWidth)
        cairo_set_line_cap(context, CAIRO_LINE_CAP_ROUND)
        for segment in segments {
            cairo_move_to(context, segment.from.x, segment.from.y)
            cairo_line_to(context, segment.to.x, segment.to.y)
        }
        cairo_stroke(context)
        cairo_restore(context)
    }

    // MARK: - Text

    /// Width of a text in pixels.
    func measure(_ text: String, size: Double, _ weight: Weight = .regular) -> Double {
        setFont(size, weight)
        var extents = cairo_text_extents_t()
        cairo_text_extents(context, text, &extents)
        return extents.x_advance
    }

    /// Draws a text from its left end on the base line.
    func text(_ text: String, x: Double, y: Double, size: Double, _ colour: Colour, _ weight: Weight = .regular) {
        setFont(size, weight)
        setColour(colour, 1)
        cairo_move_to(context, x, y)
        cairo_show_text(context, text)
    }

    /// Breaks a text into lines no wider than `width`, at spaces only.
    func wrap(_ text: String, width: Double, size: Double, _ weight: Weight = .regular) -> [String] {
        var lines: [String] = []
        var line = ""
        for word in text.split(separator: " ") {
            let candidate = line.isEmpty ? String(word) : "\(line) \(word)"
            if !line.isEmpty, measure(candidate, size: size, weight) > width {
                lines.append(line)
                line = String(word)
            } else {
                line = candidate
            }
        }
        return line.isEmpty ? lines : lines + [line]
    }

    // MARK: - Images

    /// Draws an image of premultiplied ARGB pixels (row by row, 0xAARRGGBB) scaled to a rectangle, bilinearly.
    func image(_ pixels: [UInt32], width: Int, height: Int, in target: Rectangle) {
        precondition(pixels.count == width * height, "as many pixels as the image has")
        var copy = pixels
        copy.withUnsafeMutableBytes { bytes in
            let image = cairo_image_surface_create_for_data(
                bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), CAIRO_FORMAT_ARGB32, Int32(width),
                Int32(height), Int32(width * 4))
            cairo_save(context)
            cairo_rectangle(context, target.x, target.y, target.width, target.height)
            cairo_clip(context)
            cairo_translate(context, target.x, target.y)
            cairo_scale(context, target.width / Double(width), target.height / Double(height))
            cairo_set_source_surface(context, image, 0, 0)
            let pattern = cairo_get_source(context)
            cairo_pattern_set_filter(pattern, CAIRO_FILTER_GOOD)
            cairo_pattern_set_extend(pattern, CAIRO_EXTEND_PAD)
            cairo_paint(context)
            cairo_restore(context)
            cairo_surface_destroy(image)
        }
    }

    // MARK: - Output

    /// Red, green, blue of each pixel, row by row.
    func rgbBytes() -> [UInt8] {
        cairo_surface_flush(surface)
        let stride = Int(cairo_image_surface_get_stride(surface))
        guard let data = cairo_image_surface_get_data(surface) else { return [] }
        return [UInt8](unsafeUninitializedCapacity: width * height * 3) { bytes, count in
            for row in 0..<height {
                for column in 0..<width {
                    // RGB24 is a 32-bit word in the machine's order; Apatite runs on little-endian machines.
                    let pixel = data + row * stride + column * 4
                    let target = (row * width + column) * 3
                    bytes[target] = pixel[2]
                    bytes[target + 1] = pixel[1]
                    bytes[target + 2] = pixel[0]
                }
            }
            count = width * height * 3
        }
    }

    /// The picture as a PNG file; nil when Cairo cannot write it.
    func pngBytes() -> [UInt8]? {
        var bytes: [UInt8] = []
        let status = withUnsafeMutablePointer(to: &bytes) { pointer in
            cairo_surface_write_to_png_stream(
                surface,
                { closure, data, length in
                    guard let closure, let data else { return CAIRO_STATUS_WRITE_ERROR }
                    closure.assumingMemoryBound(to: [UInt8].self).pointee
                        .append(contentsOf: UnsafeBufferPointer(start: data, count: Int(length)))
                    return CAIRO_STATUS_SUCCESS
                }, pointer)
        }
        return status == CAIRO_STATUS_SUCCESS ? bytes : nil
    }

    private func setColour(_ colour: Colour, _ opacity: Double) {
        cairo_set_source_rgba(context, colour.red, colour.green, colour.blue, opacity)
    }

    private func setFont(_ size: Double, _ weight: Weight) {
        cairo_select_font_face(
            context, "DejaVu Sans", CAIRO_FONT_SLANT_NORMAL,
            weight == .bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL)
        cairo_set_font_size(context, size)
    }
}
