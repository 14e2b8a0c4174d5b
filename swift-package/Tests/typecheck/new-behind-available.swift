// watchos,ios,macos 6 ok
import Foundation

func resume(_ session: URLSession, _ data: Data) -> URLSessionTask? {
    guard #available(macOS 14, iOS 17, watchOS 10, *) else { return nil }
    return session.uploadTask(withResumeData: data)
}
