import Report
import Testing

struct ImageNumbersTests {
    @Test(arguments: [
        ([Int](), ""), ([7], "7"), ([3, 1, 2], "1-3"), ([1, 2, 3, 5, 9, 10], "1-3, 5, 9-10"), ([4, 4], "4"),
    ])
    func theyAreWrittenAsAPersonWritesThemAndReadBack(numbers: [Int], text: String) {
        #expect(ImageNumbers(numbers).text == text)
        #expect(ImageNumbers(text: text) == ImageNumbers(numbers))
    }

    @Test(arguments: ["a", "3-1", "1-2-3", "1-9999999999999999999", "1-99999999", "-"])
    func whatWasNeverWrittenIsNotRead(text: String) {
        #expect(ImageNumbers(text: text) == nil)
    }

    @Test func whatCameLateIsTheDifference() {
        #expect(ImageNumbers(1...160).subtracting(ImageNumbers(1...136)).text == "137-160")
    }
}
