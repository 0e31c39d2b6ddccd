"""What a teacher needs: a course folder for nbgrader."""
