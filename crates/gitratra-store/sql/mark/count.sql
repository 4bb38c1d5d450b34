update mark
set number = number + 1
where mark = 'changes'
