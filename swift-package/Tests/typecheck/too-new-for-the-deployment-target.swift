// watchos,ios,macos 6 error: 'uploadTask(withResumeData:)' is only available in
import Foundation

func resume(_ session: URLSession, _ data: Data) -> URLSessionTask {
    session.uploadTask(withResumeData: data)
}
