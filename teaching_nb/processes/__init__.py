"""Starting the parts of teaching_nb as processes of their own, and ending them: for the demo and the simulator."""
