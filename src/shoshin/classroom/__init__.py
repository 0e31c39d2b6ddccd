"""What a teacher needs: a course for nbgrader, and grading that no submission can fool.

submitted file ──canonical──► Canonical ──grading.grade(Unit)──► Graded ──► autograded/ and the gradebook
gradebook, source/ ──blueprint──► Blueprint ─┘     │
                      the test cells run in the grading process: namespace, remote, arm
                      the student's cells run in the sandbox: worker, shell; forked by server, then sandbox.enter
                      between the two there is one socket: session, wire; what comes back passes codec.decode

model           the words of grading: Blueprint, Canonical, Unit, Graded
course          a new course's folder, its configuration and its secret
collect/        downloads → submitted/: download, archives, entries, naming, roster, claims, placing, submitted
blueprint, canonical, mangled     what is asked, and the submission rebuilt from it
grading, given, namespace, remote, arm, session, wire     the trusted side of a submission; apart.txt
worker, shell   the student's side
codec/          data as bytes, and never code: one module for each kind of value
sandbox/        linux, newroot, privileges, seccomp, supervisor, probe; doctor tells what a host can do
server, ahead, workers, cluster     processes: the fork server, several on this machine, a Dask cluster
run, assignment, student_folder, fingerprint, autograded, record, gradebook, report, progress     `course grade`
preprocessors, settings      the steps of `nbgrader autograde`
clean, markdown, page_html, pages     what a stranger wrote, made harmless
exports, gradesheet          CSV for Canvas and Moodle
"""
